/** How long to wait between attempts: `minMs` doubled each time up to `maxMs`, plus up to `jitter` of that. */
export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** A share, 0 for none. */
  readonly jitter: number;
}

/** The waits of one row of failures. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  /** Milliseconds to wait after one more failure. */
  next(): number {
    const { minMs, maxMs, jitter } = this.#options;
    const delay = Math.min(maxMs, minMs * 2 ** Math.min(this.#failures++, 30));
    return delay + this.#random() * jitter * delay;
  }

  reset(): void {
    this.#failures = 0;
  }
}
