/** What a connection that could not be had counts as having taken, milliseconds: as long as one may take. */
const unreachableMs = 1000;

/**
 * Load of one endpoint: what a request sent now would probably wait, times the requests already there.
 * Latency is a moving average that a slower sample replaces at once and a faster one only wears down.
 */
export class PeakEwma {
  pending = 0;
  #rttMs: number;
  #updatedAt: number;
  readonly #decayMs: number;

  /** `defaultRttMs` stands in until the first answer; `now` is monotonic milliseconds. */
  constructor(defaultRttMs: number, decayMs: number, now: number) {
    this.#rttMs = defaultRttMs;
    this.#decayMs = decayMs;
    this.#updatedAt = now;
  }

  record(rttMs: number, now: number): void {
    if (rttMs > this.#rttMs) {
      this.#rttMs = rttMs;
    } else {
      const weight = Math.exp(-(now - this.#updatedAt) / this.#decayMs);
      this.#rttMs = this.#rttMs * weight + rttMs * (1 - weight);
    }
    this.#updatedAt = now;
  }

  /** The endpoint could not be reached: that was fast, but must not draw more requests there. */
  recordUnreachable(now: number): void {
    this.record(Math.max(unreachableMs, this.#rttMs), now);
  }

  load(now: number): number {
    return this.estimate(now) * (this.pending + 1);
  }

  /** It fades towards zero while no answers come, so that a once slow endpoint is tried again. */
  protected estimate(now: number): number {
    return this.#rttMs * Math.exp(-(now - this.#updatedAt) / this.#decayMs);
  }
}
