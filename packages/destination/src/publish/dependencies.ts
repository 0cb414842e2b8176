import type { ReadKey } from '../cluster/cluster.ts';

/** Which computed things depend on which reads. */
export class Dependencies<D> {
  readonly #dependents = new Map<ReadKey, Set<D>>();
  readonly #reads = new Map<D, ReadonlySet<ReadKey>>();

  /** Notes what `dependent` was computed from, in place of what it was computed from before. */
  set(dependent: D, reads: ReadonlySet<ReadKey>): void {
    const before = this.#reads.get(dependent);
    this.#reads.set(dependent, reads);
    for (const key of reads) if (!before?.has(key)) this.#add(key, dependent);
    for (const key of before ?? []) if (!reads.has(key)) this.#remove(key, dependent);
  }

  delete(dependent: D): void {
    for (const key of this.#reads.get(dependent) ?? []) this.#remove(key, dependent);
    this.#reads.delete(dependent);
  }

  /** Everything that depends on at least one of the keys. */
  affectedBy(keys: Iterable<ReadKey>): ReadonlySet<D> {
    const affected = new Set<D>();
    for (const key of keys) for (const dependent of this.#dependents.get(key) ?? []) affected.add(dependent);
    return affected;
  }

  /** How many reads are remembered; bounded by the streams that are open. */
  get size(): number {
    return this.#dependents.size;
  }

  #add(key: ReadKey, dependent: D): void {
    const dependents = this.#dependents.get(key) ?? new Set();
    this.#dependents.set(key, dependents.add(dependent));
  }

  #remove(key: ReadKey, dependent: D): void {
    const dependents = this.#dependents.get(key);
    if (dependents?.delete(dependent) && dependents.size === 0) this.#dependents.delete(key);
  }
}
