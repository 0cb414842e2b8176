/** What all taps together may cost. */
export interface TapLimits {
  /** Open at a time. */
  readonly taps: number;
  /** Conditions in the matches of all open taps: what every request pays at most. */
  readonly conditions: number;
  /** Requests told of, each by up to three events. */
  readonly requestsPerSecond: number;
  /** Events that wait for one slow reader. */
  readonly queuedEvents: number;
  /** Bytes of events that wait for all slow readers. */
  readonly queuedBytes: number;
}

/** The part of the limits that is used up and comes back. */
export class TapBudget {
  readonly #limits: TapLimits;
  readonly #now: () => number;
  #requests: number;
  #refilledAt: number;
  #queuedBytes = 0;

  /** `now`: monotonic milliseconds. */
  constructor(limits: TapLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#requests = limits.requestsPerSecond;
    this.#refilledAt = now();
  }

  /** One more request may be told of. */
  takeRequest(): boolean {
    const { requestsPerSecond } = this.#limits;
    const now = this.#now();
    const earned = ((now - this.#refilledAt) / 1000) * requestsPerSecond;
    this.#requests = Math.min(requestsPerSecond, this.#requests + earned);
    this.#refilledAt = now;
    if (this.#requests < 1) return false;
    this.#requests -= 1;
    return true;
  }

  /** Room for an event that has to wait. */
  reserve(bytes: number): boolean {
    if (this.#queuedBytes + bytes > this.#limits.queuedBytes) return false;
    this.#queuedBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#queuedBytes -= bytes;
  }
}
