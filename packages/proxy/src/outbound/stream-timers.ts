import type { Clock } from '../balance/balancer.ts';
import { MAX_TIMER_MS } from '../config/values/duration.ts';

/** Time limits of one request, milliseconds; null: none. */
export interface StreamLimits {
  /** The whole exchange. */
  readonly requestMs: number | null;
  /** From the end of the request to the end of the response. */
  readonly responseMs: number | null;
  /** Without a frame of either body. Not while only the head of the response is awaited. */
  readonly idleMs: number | null;
}

export type StreamLimit = 'request' | 'response' | 'idle';

/** Watches the time limits of one exchange, and tells the first that has passed. */
export class StreamTimers {
  readonly #limits: StreamLimits;
  readonly #clock: Clock;
  readonly #onPassed: (limit: StreamLimit, ms: number) => void;
  readonly #request: unknown;
  #response: unknown = null;
  #idle: unknown = null;
  #answered = false;
  #lastFrameAt: number;

  constructor(limits: StreamLimits, clock: Clock, onPassed: (limit: StreamLimit, ms: number) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onPassed = onPassed;
    this.#lastFrameAt = clock.now();
    this.#request = this.#start('request', limits.requestMs);
    this.#watchIdle();
  }

  /** A frame of either body has passed. */
  frame(): void {
    if (this.#idle !== null) this.#lastFrameAt = this.#clock.now();
  }

  requestEnded(): void {
    if (!this.#answered) {
      // From now on only the head is awaited, for which there is the response limit.
      this.#clock.clearTimeout(this.#idle);
      this.#idle = null;
    }
    this.#response ??= this.#start('response', this.#limits.responseMs);
  }

  /** The request goes to another endpoint, which has the whole response limit to itself. */
  sentAgain(): void {
    if (this.#response === null) return;
    this.#clock.clearTimeout(this.#response);
    this.#response = this.#start('response', this.#limits.responseMs);
  }

  responseStarted(): void {
    this.#answered = true;
    this.#response ??= this.#start('response', this.#limits.responseMs);
    this.#lastFrameAt = this.#clock.now();
    if (this.#idle === null) this.#watchIdle();
  }

  stop(): void {
    for (const timer of [this.#request, this.#response, this.#idle]) this.#clock.clearTimeout(timer);
  }

  #start(limit: StreamLimit, ms: number | null): unknown {
    if (ms === null) return null;
    return this.#clock.setTimeout(() => this.#onPassed(limit, ms), Math.min(ms, MAX_TIMER_MS));
  }

  /** One timer for many frames: when it ends it is set again for what is left since the last of them. */
  #watchIdle(): void {
    const { idleMs } = this.#limits;
    if (idleMs === null) return;
    const left = this.#lastFrameAt + idleMs - this.#clock.now();
    this.#idle = this.#clock.setTimeout(
      () => {
        if (this.#lastFrameAt + idleMs <= this.#clock.now()) this.#onPassed('idle', idleMs);
        else this.#watchIdle();
      },
      Math.min(left, MAX_TIMER_MS),
    );
  }
}
