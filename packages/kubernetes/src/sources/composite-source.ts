import { allKinds, type Kind, type ResourceByKind } from '../kinds.ts';
import { MemorySource } from './memory-source.ts';
import {
  keyOf,
  type ListOptions,
  type ResourceEvent,
  type ResourceKey,
  type ResourceListener,
  type ResourceSource,
  type Typed,
} from './source.ts';

/**
 * Several sources as one. Of objects with the same kind, namespace and name the one of the later source is
 * in force; when it goes, the earlier one is again. Synced when all of them are.
 */
export class CompositeSource implements ResourceSource {
  readonly #sources: readonly ResourceSource[];
  readonly #merged = new MemorySource();
  readonly #stops: readonly (() => void)[];
  #unsynced: number;

  constructor(sources: readonly ResourceSource[]) {
    this.#sources = sources;
    this.#unsynced = sources.length;
    this.#stops = sources.map((source) =>
      source.watch(allKinds, {
        changed: (events) => this.#merge(events),
        synced: () => {
          this.#unsynced -= 1;
          if (this.#unsynced === 0) this.#merged.markSynced();
        },
      }),
    );
    if (sources.length === 0) this.#merged.markSynced();
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceByKind[K] | undefined {
    return this.#merged.get(kind, namespace, name);
  }

  list<K extends Kind>(kind: K, options?: ListOptions): readonly ResourceByKind[K][] {
    return this.#merged.list(kind, options);
  }

  watch(kinds: readonly Kind[], listener: ResourceListener): () => void {
    return this.#merged.watch(kinds, listener);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #merge(events: readonly ResourceEvent[]): void {
    const set: Typed[] = [];
    const gone: ResourceKey[] = [];
    for (const event of events) {
      const key = keyOf(event.kind, event.object);
      const winner = this.#winner(key);
      if (winner === undefined) gone.push(key);
      else set.push(winner);
    }
    this.#merged.apply({ set, delete: gone });
  }

  #winner({ kind, namespace, name }: ResourceKey): Typed | undefined {
    for (let i = this.#sources.length - 1; i >= 0; i -= 1) {
      const object = this.#sources[i]?.get(kind, namespace, name);
      if (object !== undefined) return { kind, object } as Typed;
    }
    return undefined;
  }
}
