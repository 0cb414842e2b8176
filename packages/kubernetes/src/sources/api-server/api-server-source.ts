import type { ApiClient } from '../../api/api-client.ts';
import type { Kind, ResourceByKind } from '../../kinds.ts';
import { MemorySource } from '../memory-source.ts';
import type { ListOptions, ResourceListener, ResourceSource } from '../source.ts';
import type { CheckObject } from './decode-object.ts';
import { KindMirror, type MirrorObserver } from './kind-mirror.ts';
import { Reflector } from './reflector.ts';
import type { ReflectorObserver } from './reflector-observer.ts';
import { defaultTiming, type ReflectorTiming } from './reflector-timing.ts';

export interface ApiServerSourceOptions {
  readonly api: ApiClient;
  /** What is read; everything else stays on the server. */
  readonly kinds: readonly Kind[];
  readonly observer: ReflectorObserver;
  readonly timing?: Partial<ReflectorTiming>;
  /** What is wrong with an object that can be read. The version before it then stays in force. */
  readonly check?: CheckObject;
}

/** How the index of one kind is doing. */
export interface KindIndex {
  readonly kind: Kind;
  readonly objects: number;
  /** When it was last known to be up to date, in ms since the epoch; undefined before the first list. */
  readonly freshAt: number | undefined;
  readonly synced: boolean;
}

/**
 * A cluster's objects, followed by list and watch. While the server is away what was known stays in force.
 * Objects hold only what is read here (see `trim.ts`), and of some kinds only their metadata.
 */
export class ApiServerSource implements ResourceSource {
  readonly #store = new MemorySource();
  readonly #reflectors = new Map<Kind, { readonly reflector: Reflector; readonly mirror: KindMirror }>();
  readonly #unsynced: Set<Kind>;

  constructor({ api, kinds, observer, timing, check }: ApiServerSourceOptions) {
    this.#unsynced = new Set(kinds);
    for (const kind of this.#unsynced) {
      const objects: MirrorObserver = {
        malformed: (key, problems) => observer.malformed(kind, key, problems),
        mended: (key, how) => observer.mended(kind, key, how),
      };
      const mirror = new KindMirror(kind, this.#store, objects, check);
      const reflector = new Reflector({
        api,
        kind,
        mirror,
        observer,
        timing: { ...defaultTiming, ...timing },
        onSynced: () => this.#synced(kind),
      });
      this.#reflectors.set(kind, { reflector, mirror });
    }
  }

  /** Follows the cluster until the signal is aborted; resolves then. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#unsynced.size === 0) this.#store.markSynced();
    await Promise.all([...this.#reflectors.values()].map(({ reflector }) => reflector.run(signal)));
  }

  /** The kinds whose first list is still awaited. */
  get waitingFor(): readonly Kind[] {
    return [...this.#unsynced];
  }

  indexes(): readonly KindIndex[] {
    return [...this.#reflectors].map(([kind, { reflector, mirror }]) => ({
      kind,
      objects: mirror.size,
      freshAt: reflector.freshAt,
      synced: !this.#unsynced.has(kind),
    }));
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): ResourceByKind[K] | undefined {
    return this.#store.get(kind, namespace, name);
  }

  list<K extends Kind>(kind: K, options?: ListOptions): readonly ResourceByKind[K][] {
    return this.#store.list(kind, options);
  }

  watch(kinds: readonly Kind[], listener: ResourceListener): () => void {
    return this.#store.watch(kinds, listener);
  }

  #synced(kind: Kind): void {
    this.#unsynced.delete(kind);
    if (this.#unsynced.size === 0) this.#store.markSynced();
  }
}
