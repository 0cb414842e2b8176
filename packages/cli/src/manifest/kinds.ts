import { isJsonObject, type Json, type JsonObject, textAt } from './json.ts';

interface KindDefinition {
  readonly groups: readonly string[];
  /** Where its pod template stands; absent where it has none. */
  readonly template?: readonly string[];
}

const inTemplate = ['spec', 'template'] as const;

/** The kinds that injection changes, in the API groups that have or had them. */
const DEFINITIONS: ReadonlyMap<string, KindDefinition> = new Map([
  ['pod', { groups: [''], template: [] }],
  ['deployment', { groups: ['apps', 'extensions'], template: inTemplate }],
  ['replicaset', { groups: ['apps', 'extensions'], template: inTemplate }],
  ['replicationcontroller', { groups: [''], template: inTemplate }],
  ['daemonset', { groups: ['apps', 'extensions'], template: inTemplate }],
  ['statefulset', { groups: ['apps'], template: inTemplate }],
  ['job', { groups: ['batch'], template: inTemplate }],
  ['cronjob', { groups: ['batch'], template: ['spec', 'jobTemplate', 'spec', 'template'] }],
  ['namespace', { groups: [''] }],
  ['service', { groups: [''] }],
]);

/** Lower-case kind of any object; empty where it has none. */
export function kindOf(object: Json): string {
  return textAt(object, 'kind').toLowerCase();
}

/** The name of an object, or the beginning of the one it will get. */
export function nameOf(object: Json): string {
  return textAt(object, 'metadata', 'name') || textAt(object, 'metadata', 'generateName');
}

function definitionOf(object: Json): KindDefinition | undefined {
  const definition = DEFINITIONS.get(kindOf(object));
  const apiVersion = textAt(object, 'apiVersion');
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return apiVersion === '' || definition?.groups.includes(group) ? definition : undefined;
}

/** Whether injection has anything to do with it. A custom resource that shares a kind's name is none of its. */
export function isSupported(object: Json): object is JsonObject {
  return definitionOf(object) !== undefined;
}

/** A workload's pod template, to be read or changed in place; a Pod is its own. */
export function podTemplateIn(object: JsonObject): JsonObject | undefined {
  const path = definitionOf(object)?.template;
  if (path === undefined) return undefined;
  let node: Json | undefined = object;
  for (const name of path) node = isJsonObject(node) ? node[name] : undefined;
  return isJsonObject(node) && isJsonObject(node.spec) ? node : undefined;
}

/** The mapping `metadata.<name>` of an object or a template, made where it is missing. */
export function metadataMapping(owner: JsonObject, name: 'annotations' | 'labels'): JsonObject {
  if (!isJsonObject(owner.metadata)) owner.metadata = {};
  const { metadata } = owner;
  if (!isJsonObject(metadata[name])) metadata[name] = {};
  return metadata[name];
}
