import type { Clock } from '../balance/balancer.ts';

interface Entry<V> {
  readonly value: V;
  users: number;
  timer: unknown;
}

/** Somebody's hold on a value, until the first call of `release`. */
export interface Lease<V> {
  readonly value: V;
  release(): void;
}

export interface IdleCacheOptions {
  /** How long a value that nobody holds is kept. */
  readonly idleMs: number;
  /**
   * When it is full, the value without holders that has been idle longest makes room; when all are held,
   * there is none.
   */
  readonly capacity: number;
}

/** Values that live while somebody holds them and some time longer. */
export class IdleCache<V extends { close(): void }> {
  // Those without holders come in the order in which they became idle.
  readonly #entries = new Map<string, Entry<V>>();
  readonly #options: IdleCacheOptions;
  readonly #clock: Clock;

  constructor(options: IdleCacheOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  *entries(): IterableIterator<readonly [key: string, value: V]> {
    for (const [key, { value }] of this.#entries) yield [key, value];
  }

  /** The value, made when it is not there; null when there is no room for it. */
  acquire(key: string, make: () => V): Lease<V> | null {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= this.#options.capacity && !this.#evictIdle()) return null;
      entry = { value: make(), users: 0, timer: null };
      this.#entries.set(key, entry);
    }
    this.#clock.clearTimeout(entry.timer);
    entry.users += 1;
    return this.#lease(key, entry);
  }

  close(): void {
    for (const [key, entry] of this.#entries) this.#drop(key, entry);
  }

  #lease(key: string, entry: Entry<V>): Lease<V> {
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      entry.users -= 1;
      if (entry.users === 0 && this.#entries.get(key) === entry) this.#idle(key, entry);
    };
    return { value: entry.value, release };
  }

  #idle(key: string, entry: Entry<V>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.timer = this.#clock.setTimeout(() => this.#drop(key, entry), this.#options.idleMs);
  }

  #evictIdle(): boolean {
    for (const [key, entry] of this.#entries) {
      if (entry.users > 0) continue;
      this.#drop(key, entry);
      return true;
    }
    return false;
  }

  #drop(key: string, entry: Entry<V>): void {
    this.#clock.clearTimeout(entry.timer);
    this.#entries.delete(key);
    entry.value.close();
  }
}
