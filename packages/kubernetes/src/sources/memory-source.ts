import type { Kind, Resource, ResourceByKind } from '../kinds.ts';
import { selects } from '../resources/label-selector.ts';
import type {
  ListOptions,
  ResourceEvent,
  ResourceKey,
  ResourceListener,
  ResourceSource,
  Typed,
} from './source.ts';

type ByName = Map<string, Resource>;

interface Watcher {
  readonly kinds: ReadonlySet<Kind>;
  readonly listener: ResourceListener;
}

/** What becomes true together. Deletes are applied before sets. */
export interface Changes {
  readonly set?: readonly Typed[];
  readonly delete?: readonly ResourceKey[];
}

/** Whether two versions say the same; sources give equal content an equal version. */
const unchanged = (a: Resource, b: Resource): boolean =>
  a === b || (a.metadata.uid === b.metadata.uid && a.metadata.resourceVersion === b.metadata.resourceVersion);

/** A writable source; also the store behind every other source. */
export class MemorySource implements ResourceSource {
  readonly #objects = new Map<Kind, Map<string, ByName>>();
  readonly #watchers = new Set<Watcher>();
  #synced = false;

  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceByKind[K] | undefined {
    return this.#objects.get(kind)?.get(namespace)?.get(name) as ResourceByKind[K] | undefined;
  }

  list<K extends Kind>(kind: K, { namespace, labels }: ListOptions = {}): readonly ResourceByKind[K][] {
    const namespaces = this.#objects.get(kind);
    if (namespaces === undefined) return [];
    const found =
      namespace === undefined
        ? [...namespaces.values()].flatMap((group) => [...group.values()])
        : [...(namespaces.get(namespace)?.values() ?? [])];
    const picked =
      labels === undefined ? found : found.filter(({ metadata }) => selects(labels, metadata.labels));
    return picked as unknown as readonly ResourceByKind[K][];
  }

  watch(kinds: readonly Kind[], listener: ResourceListener): () => void {
    const watcher: Watcher = { kinds: new Set(kinds), listener };
    this.#watchers.add(watcher);
    const known = kinds.flatMap((kind) =>
      this.list(kind).map((object) => ({ type: 'added', kind, object }) as ResourceEvent),
    );
    if (known.length > 0) listener.changed(known);
    if (this.#synced) listener.synced();
    return () => this.#watchers.delete(watcher);
  }

  /** Applies changes as one batch; an object whose version is already known makes no event. */
  apply(changes: Changes): void {
    const events: ResourceEvent[] = [];
    for (const key of changes.delete ?? []) this.#delete(key, events);
    for (const typed of changes.set ?? []) this.#set(typed, events);
    if (events.length === 0) return;
    for (const { kinds, listener } of this.#watchers) {
      const wanted = events.filter(({ kind }) => kinds.has(kind));
      if (wanted.length > 0) listener.changed(wanted);
    }
  }

  /** Says that the first listing is complete. */
  markSynced(): void {
    if (this.#synced) return;
    this.#synced = true;
    for (const { listener } of this.#watchers) listener.synced();
  }

  #set({ kind, object }: Typed, events: ResourceEvent[]): void {
    const { namespace, name } = object.metadata;
    const namespaces = this.#objects.get(kind) ?? new Map<string, ByName>();
    this.#objects.set(kind, namespaces);
    const byName = namespaces.get(namespace) ?? new Map<string, Resource>();
    namespaces.set(namespace, byName);
    const previous = byName.get(name);
    if (previous !== undefined && unchanged(previous, object)) return;
    byName.set(name, object);
    events.push(
      (previous === undefined
        ? { type: 'added', kind, object }
        : { type: 'modified', kind, object, previous }) as ResourceEvent,
    );
  }

  #delete({ kind, namespace, name }: ResourceKey, events: ResourceEvent[]): void {
    const byName = this.#objects.get(kind)?.get(namespace);
    const object = byName?.get(name);
    if (byName === undefined || object === undefined) return;
    byName.delete(name);
    if (byName.size === 0) this.#objects.get(kind)?.delete(namespace);
    events.push({ type: 'deleted', kind, object } as ResourceEvent);
  }
}
