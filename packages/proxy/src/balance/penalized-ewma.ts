import { PeakEwma } from './peak-ewma.ts';

export interface PenaltyOptions {
  readonly defaultRttMs: number;
  readonly decayMs: number;
  /** What an answer that is a failure counts as having taken, at least. */
  readonly penaltyMs: number;
  readonly penaltyDecayMs: number;
  /** The longest that an endpoint's own wish (Retry-After) counts for. */
  readonly maxRetryAfterMs: number;
}

/** A load on which failures weigh as slow answers do, so that an endpoint that fails fast draws nothing. */
export class PenalizedEwma extends PeakEwma {
  readonly #options: PenaltyOptions;
  #penaltyMs = 0;
  #penalizedAt = 0;

  constructor(options: PenaltyOptions, now: number) {
    super(options.defaultRttMs, options.decayMs, now);
    this.#options = options;
  }

  /** An answer was a failure. `hintMs`: for how long the endpoint asked to be left alone; 0: it did not. */
  penalize(hintMs: number, now: number): void {
    const { penaltyMs, maxRetryAfterMs } = this.#options;
    this.#penaltyMs = Math.max(this.#penalty(now), penaltyMs, Math.min(hintMs, maxRetryAfterMs));
    this.#penalizedAt = now;
  }

  protected override estimate(now: number): number {
    const rtt = super.estimate(now);
    return this.#penaltyMs === 0 ? rtt : Math.max(rtt, this.#penalty(now));
  }

  #penalty(now: number): number {
    return this.#penaltyMs * Math.exp(-(now - this.#penalizedAt) / this.#options.penaltyDecayMs);
  }
}
