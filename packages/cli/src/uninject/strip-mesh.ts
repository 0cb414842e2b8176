import { isJsonObject, type Json, type JsonObject, textAt } from '../manifest/json.ts';
import { isSupported, podTemplateIn } from '../manifest/kinds.ts';

const INJECT = 'linkerd.io/inject';
const COMPONENT_LABEL = 'linkerd.io/control-plane-component';

/** What injection by hand puts into a pod, by where it stands and what it is called. */
const ADDED: Readonly<Record<string, ReadonlySet<string>>> = {
  initContainers: new Set(['linkerd-init', 'linkerd-proxy', 'linkerd-network-validator']),
  containers: new Set(['linkerd-proxy', 'linkerd-debug']),
  volumes: new Set([
    'linkerd-identity-end-entity',
    'linkerd-identity-token',
    'linkerd-podinfo',
    'linkerd-proxy-init-xtables-lock',
  ]),
};

export interface StripOptions {
  /** Values of `linkerd.io/inject` that are somebody's wish and stay. */
  readonly keepInject: readonly string[];
}

export interface Stripped {
  readonly object: JsonObject;
  /** Whether a container or an annotation went; labels alone do not count. */
  readonly changed: boolean;
}

/**
 * A copy of an object without what injection by hand has put into it: containers, volumes, and annotations and
 * labels of `linkerd.io/`. Configuration (`config.linkerd.io/`) is the user's and stays, and so does everything
 * on components of the control plane.
 *
 * Linkerd leaves the network validator, the debug container and the podinfo volume in place, so that injecting
 * again fails or doubles them; here they go as well.
 */
export function stripMesh(object: JsonObject, options: StripOptions): Stripped {
  if (!isSupported(object)) return { object, changed: false };
  const copy = structuredClone(object);
  const template = podTemplateIn(copy);
  // A Pod is its own template.
  const owners = template === undefined || template === copy ? [copy] : [copy, template];
  let changed = false;
  for (const owner of owners) changed = stripMetadata(owner, options) || changed;
  if (template !== undefined) changed = stripContainers(template) || changed;
  return { object: copy, changed };
}

function stripMetadata(owner: JsonObject, { keepInject }: StripOptions): boolean {
  if (textAt(owner, 'metadata', 'labels', COMPONENT_LABEL) !== '') return false;
  const { metadata } = owner;
  if (!isJsonObject(metadata)) return false;
  const wished = isJsonObject(metadata.annotations) ? metadata.annotations[INJECT] : undefined;
  const keep = typeof wished === 'string' && keepInject.includes(wished);
  removeMeshKeys(metadata.labels, []);
  return removeMeshKeys(metadata.annotations, keep ? [INJECT] : []);
}

function removeMeshKeys(mapping: Json | undefined, except: readonly string[]): boolean {
  if (!isJsonObject(mapping)) return false;
  const keys = Object.keys(mapping).filter((key) => key.startsWith('linkerd.io/') && !except.includes(key));
  for (const key of keys) delete mapping[key];
  return keys.length > 0;
}

function stripContainers({ spec }: JsonObject): boolean {
  if (!isJsonObject(spec)) return false;
  let changed = false;
  for (const [place, names] of Object.entries(ADDED)) {
    const items = spec[place];
    if (!Array.isArray(items)) continue;
    const kept = items.filter((item) => !names.has(textAt(item, 'name')));
    if (kept.length === items.length) continue;
    if (kept.length === 0) delete spec[place];
    else spec[place] = kept;
    changed ||= place !== 'volumes';
  }
  return changed;
}
