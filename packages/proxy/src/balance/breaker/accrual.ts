import type { FailureAccrual } from '@weft/policy';
import { SuccessWindow } from './success-window.ts';

/** What an answer says of its endpoint. `limited`: it works, but asks for less (429, RESOURCE_EXHAUSTED). */
export type Outcome = 'success' | 'limited' | 'failure';

/** Judges by its answers whether an endpoint is to be left alone. */
export interface Accrual {
  /** Notes one answer. True: leave it alone from now on. */
  trips(outcome: Outcome, now: number): boolean;
  /** Whether a probe with this outcome shows that the endpoint is well again. */
  isRecovery(outcome: Outcome): boolean;
  /** The endpoint is taken into use again. */
  reset(now: number): void;
}

/** `now`: monotonic milliseconds. */
export function accrualOf(policy: FailureAccrual, now: number): Accrual {
  if (policy.kind === 'consecutive') return new ConsecutiveFailures(policy.maxFailures);
  const { maxConsecutiveFailures, minRequests, successRateThreshold, windowMs } = policy;
  const streak = new ConsecutiveFailures(maxConsecutiveFailures);
  return successRateThreshold === 0
    ? streak
    : new SuccessRate(streak, new SuccessWindow(windowMs, now), successRateThreshold, minRequests);
}

/** So many failures in a row; 0: never. */
class ConsecutiveFailures implements Accrual {
  readonly #max: number;
  #failures = 0;

  constructor(max: number) {
    this.#max = max;
  }

  trips(outcome: Outcome): boolean {
    this.#failures = outcome === 'failure' ? this.#failures + 1 : 0;
    return this.#max > 0 && this.#failures >= this.#max;
  }

  isRecovery(outcome: Outcome): boolean {
    return outcome !== 'failure';
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Too small a share of good answers, or a row of failures. An endpoint that asks for less is not well. */
class SuccessRate implements Accrual {
  readonly #streak: Accrual;
  readonly #window: SuccessWindow;
  readonly #threshold: number;
  readonly #minRequests: number;

  constructor(streak: Accrual, window: SuccessWindow, threshold: number, minRequests: number) {
    this.#streak = streak;
    this.#window = window;
    this.#threshold = threshold;
    this.#minRequests = minRequests;
  }

  trips(outcome: Outcome, now: number): boolean {
    this.#window.note(outcome === 'success', now);
    return this.#streak.trips(outcome, now) || this.#window.isBelow(this.#threshold, this.#minRequests);
  }

  isRecovery(outcome: Outcome): boolean {
    return outcome === 'success';
  }

  reset(now: number): void {
    this.#streak.reset(now);
    this.#window.clear(now);
  }
}
