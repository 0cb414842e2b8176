interface Waiter {
  readonly cost: number;
  readonly grant: () => void;
}

/** Gives back what was taken; calling it again does nothing. */
export type Release = () => void;

/**
 * Bounds the memory of what is under way: everybody takes the bytes they need before they read them, first
 * come first served. A cost above the capacity waits until all of it is free.
 */
export class ByteBudget {
  readonly #capacity: number;
  readonly #maxWaiting: number;
  readonly #waiters = new Set<Waiter>();
  #taken = 0;

  constructor(capacity: number, maxWaiting: number) {
    this.#capacity = capacity;
    this.#maxWaiting = maxWaiting;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Resolves once the bytes are there; undefined at once when too many wait, or later when `signal` aborts. */
  async take(bytes: number, signal: AbortSignal): Promise<Release | undefined> {
    const cost = Math.min(bytes, this.#capacity);
    if (this.#waiters.size === 0 && this.#fits(cost)) return this.#charge(cost);
    if (this.#waiters.size >= this.#maxWaiting || signal.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<Release | undefined>();
    const waiter: Waiter = { cost, grant: () => resolve(this.#charge(cost)) };
    const leave = () => {
      this.#waiters.delete(waiter);
      resolve(undefined);
      this.#admit();
    };
    this.#waiters.add(waiter);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #fits(cost: number): boolean {
    return this.#taken + cost <= this.#capacity;
  }

  #charge(cost: number): Release {
    this.#taken += cost;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#taken -= cost;
      this.#admit();
    };
  }

  #admit(): void {
    for (const waiter of this.#waiters) {
      if (!this.#fits(waiter.cost)) return;
      this.#waiters.delete(waiter);
      waiter.grant();
    }
  }
}
