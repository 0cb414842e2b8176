import type { Allowance } from './options.ts';

/** A bucket of tokens. The clock is read only when it is found empty. */
export class Budget {
  readonly #allowance: Allowance;
  #tokens: number;
  #filledAt = performance.now();

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
    this.#tokens = Math.min(allowance.initial ?? allowance.burst, allowance.burst);
  }

  /** Takes one token; false when there is none. */
  spend(): boolean {
    if (this.#tokens < 1) this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Gives tokens back, up to the burst. */
  earn(tokens: number): void {
    this.#tokens = Math.min(this.#tokens + tokens, this.#allowance.burst);
  }

  #refill(): void {
    const now = performance.now();
    const gained = Math.floor(((now - this.#filledAt) / 1000) * this.#allowance.perSecond);
    if (gained === 0) return;
    this.#filledAt = now;
    this.earn(gained);
  }
}
