import type { Kind, Resource, ResourceByKind } from '../kinds.ts';
import type { LabelSelector } from '../resources/label-selector.ts';

/** Which object; `namespace` is empty for cluster-scoped kinds. */
export interface ResourceKey {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** An object with the kind it is registered under, since two API groups share the name `HTTPRoute`. */
export type Typed<K extends Kind = Kind> = {
  [P in K]: { readonly kind: P; readonly object: ResourceByKind[P] };
}[K];

/** One change. `previous` lets an index drop what no longer holds. Objects are never mutated. */
export type ResourceEvent<K extends Kind = Kind> = {
  [P in K]:
    | { readonly type: 'added'; readonly kind: P; readonly object: ResourceByKind[P] }
    | {
        readonly type: 'modified';
        readonly kind: P;
        readonly object: ResourceByKind[P];
        readonly previous: ResourceByKind[P];
      }
    | { readonly type: 'deleted'; readonly kind: P; readonly object: ResourceByKind[P] };
}[K];

export interface ResourceListener {
  /** Changes that became true together; `get` and `list` already answer with them. Must not throw or block. */
  changed(events: readonly ResourceEvent[]): void;
  /** Once, after the first complete listing of all watched kinds has been delivered. */
  synced(): void;
}

export interface ListOptions {
  readonly namespace?: string;
  /** Absent: no filter by labels. */
  readonly labels?: LabelSelector;
}

/**
 * Kubernetes objects as a consumer sees them, whatever they come from: a directory of manifests, a cluster's
 * API server by list and watch, or memory. Reads are synchronous, from what has been seen so far.
 */
export interface ResourceSource {
  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceByKind[K] | undefined;
  list<K extends Kind>(kind: K, options?: ListOptions): readonly ResourceByKind[K][];
  /** Delivers what is known as `added` events, then every change, until the returned function is called. */
  watch(kinds: readonly Kind[], listener: ResourceListener): () => void;
}

export function keyOf(kind: Kind, { metadata }: Resource): ResourceKey {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}

/** A key as text, for maps and messages: `Service shop/web`, `Node worker-1`. */
export function keyText({ kind, namespace, name }: ResourceKey): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
