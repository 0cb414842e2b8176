/**
 * The generic cell rate algorithm: `rate` requests a second, of which `rate` may come at once. Its whole
 * state is the time at which the bucket will be full again.
 */
export class Gcra {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  #fullAtMs = Number.NEGATIVE_INFINITY;

  constructor(rate: number) {
    this.#intervalMs = 1000 / rate;
    this.#toleranceMs = 1000 - this.#intervalMs;
  }

  /** Takes a token, if there is one. `nowMs` may be any clock that does not go back. */
  take(nowMs: number): boolean {
    const fullAt = Math.max(this.#fullAtMs, nowMs);
    // Rounding must not cost the last token of a burst.
    if (fullAt - nowMs > this.#toleranceMs + 1e-6) return false;
    this.#fullAtMs = fullAt + this.#intervalMs;
    return true;
  }

  isFull(nowMs: number): boolean {
    return this.#fullAtMs <= nowMs;
  }
}
