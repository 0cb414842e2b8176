import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { podTemplateIn } from './kinds.ts';

/** Structures that mean nothing when they are empty; an empty `emptyDir` or `podSelector` does mean something. */
const DROPPED_WHEN_EMPTY = new Set([
  'annotations',
  'initContainers',
  'labels',
  'metadata',
  'resources',
  'strategy',
  'updateStrategy',
]);

function isEmpty(value: Json): boolean {
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}

function withoutEmpties(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutEmpties);
  if (!isJsonObject(value)) return value;
  const kept: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === null) continue;
    const tidied = withoutEmpties(member);
    if (!(DROPPED_WHEN_EMPTY.has(name) && isEmpty(tidied))) define(kept, name, tidied);
  }
  return kept;
}

/** Assigning to `__proto__` would set the prototype; here it is data. */
function define(object: JsonObject, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Annotations and labels are text: `skip-inbound-ports: 8080` is what people write, `"8080"` what they mean. */
function coerceMetadata(owner: JsonObject | undefined): void {
  if (owner === undefined || !isJsonObject(owner.metadata)) return;
  for (const name of ['annotations', 'labels']) {
    const mapping = owner.metadata[name];
    if (!isJsonObject(mapping)) continue;
    for (const [key, value] of Object.entries(mapping)) {
      if (value === null) define(mapping, key, '');
      else if (typeof value === 'number' || typeof value === 'boolean') define(mapping, key, String(value));
    }
  }
}

/**
 * A copy of a Kubernetes object as it is usually written: annotations and labels as text, and without members
 * that say nothing (`creationTimestamp: null`, `status: {}`, `resources: {}`). Fields nobody here knows stay.
 */
export function tidy(object: JsonObject): JsonObject {
  const copy = structuredClone(object);
  coerceMetadata(copy);
  coerceMetadata(podTemplateIn(copy));
  const tidied = withoutEmpties(copy) as JsonObject;
  if (tidied.status !== undefined && isEmpty(tidied.status)) delete tidied.status;
  return tidied;
}
