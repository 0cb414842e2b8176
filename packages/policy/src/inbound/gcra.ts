/** Allows a request or does not. `nowMs` may be any clock that does not go back. */
export interface Bucket {
  /** Takes a token, if there is one. */
  take(nowMs: number): boolean;
  isFull(nowMs: number): boolean;
}

/**
 * The generic cell rate algorithm: `rate` requests a second, of which `rate` may come at once. Its whole
 * state is the time at which the bucket will be full again.
 */
export class Gcra {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;

  constructor(rate: number) {
    this.#intervalMs = 1000 / rate;
    this.#toleranceMs = 1000 - this.#intervalMs;
  }

  /** When the bucket will be full again once a token is taken now; null when there is none. */
  take(fullAtMs: number, nowMs: number): number | null {
    const fullAt = Math.max(fullAtMs, nowMs);
    // Rounding must not cost the last token of a burst.
    return fullAt - nowMs > this.#toleranceMs + 1e-6 ? null : fullAt + this.#intervalMs;
  }
}

/** A bucket of this thread's own. */
export class OwnBucket implements Bucket {
  readonly #gcra: Gcra;
  #fullAtMs = Number.NEGATIVE_INFINITY;

  constructor(rate: number) {
    this.#gcra = new Gcra(rate);
  }

  take(nowMs: number): boolean {
    const fullAt = this.#gcra.take(this.#fullAtMs, nowMs);
    if (fullAt === null) return false;
    this.#fullAtMs = fullAt;
    return true;
  }

  isFull(nowMs: number): boolean {
    return this.#fullAtMs <= nowMs;
  }
}
