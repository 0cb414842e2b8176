import type { FailureAccrual } from '@weft/policy';
import { FakeClock } from '../balancer.builder.ts';
import type { Outcome } from './accrual.ts';
import { Breaker } from './breaker.ts';
import type { BreakerState } from './breaker-state.ts';

export const backoff = { minMs: 1000, maxMs: 8000, jitter: 0, respectRetryAfter: false };

export const consecutive = (maxFailures: number, over: Partial<typeof backoff> = {}): FailureAccrual => ({
  kind: 'consecutive',
  maxFailures,
  backoff: { ...backoff, ...over },
});

export const unified = (over: Partial<FailureAccrual & { kind: 'unified' }> = {}): FailureAccrual => ({
  kind: 'unified',
  successRateThreshold: 0.8,
  windowMs: 10_000,
  minRequests: 5,
  maxConsecutiveFailures: 0,
  backoff,
  ...over,
});

/** A breaker whose time the test turns. */
export class BreakerBench {
  readonly clock = new FakeClock();
  readonly states: BreakerState[] = [];
  readonly breaker: Breaker;

  constructor(policy: FailureAccrual) {
    this.breaker = new Breaker(policy, this.clock, (state) => this.states.push(state));
  }

  /** Requests that are sent and fare so, one after the other. */
  fare(...outcomes: (Outcome | null)[]): this {
    for (const outcome of outcomes) this.breaker.record(outcome, this.breaker.admit());
    return this;
  }
}

/** So many of the same. */
export const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);
