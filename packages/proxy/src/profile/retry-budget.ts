import type { RetryBudget as Terms } from '@weft/policy';

const slots = 10;

/**
 * How many retries a service may get: for every request that went through, `ratio` of one, over the last
 * `ttl`, and a reserve of so many a second besides. Counted in tenths of the ttl.
 */
export class RetryBudget {
  readonly #terms: Terms;
  readonly #now: () => number;
  readonly #slotMs: number;
  /** Balance of the past slots; the current one's is in `#current`. */
  readonly #past: number[] = new Array<number>(slots).fill(0);
  #at = 0;
  #current = 0;
  #since: number;

  /** `now`: monotonic milliseconds. */
  constructor(terms: Terms, now: () => number) {
    this.#terms = terms;
    this.#now = now;
    this.#slotMs = terms.ttlMs / slots;
    this.#since = now();
  }

  /** A request went through. */
  deposit(): void {
    this.#expire();
    this.#current += this.#terms.ratio;
  }

  /** Takes one retry, if there is one left. */
  withdraw(): boolean {
    this.#expire();
    const { minRetriesPerSecond, ttlMs } = this.#terms;
    let balance = this.#current + minRetriesPerSecond * Math.floor(ttlMs / 1000);
    for (const slot of this.#past) balance += slot;
    // Sums of tenths are not exact.
    if (balance < 1 - 1e-9) return false;
    this.#current -= 1;
    return true;
  }

  #expire(): void {
    const now = this.#now();
    const elapsed = Math.floor((now - this.#since) / this.#slotMs);
    if (elapsed <= 0) return;
    this.#past[this.#at] = this.#current;
    this.#at = (this.#at + 1) % slots;
    for (let i = 1; i < Math.min(elapsed, slots); i++) {
      this.#past[this.#at] = 0;
      this.#at = (this.#at + 1) % slots;
    }
    if (elapsed >= slots) this.#past.fill(0);
    this.#current = 0;
    this.#since += elapsed * this.#slotMs;
  }
}
