import type { FailureAccrual } from '@weft/policy';
import { MAX_TIMER_MS } from '../../config/values/duration.ts';
import { Backoff } from '../../http2/backoff.ts';
import type { Clock } from '../balancer.ts';
import { type Accrual, accrualOf, type Outcome } from './accrual.ts';
import { type BreakerEvent, type BreakerState, nextBreakerState } from './breaker-state.ts';

/**
 * Takes an endpoint that fails out of use for a while. After that a single request, the probe, decides
 * whether it is taken into use again or left alone for longer.
 */
export class Breaker {
  /** Whether the endpoint's own hints (Retry-After) count. */
  readonly heedsHints: boolean;
  readonly #accrual: Accrual;
  readonly #backoff: Backoff;
  readonly #bounds: { readonly minMs: number; readonly maxMs: number };
  readonly #clock: Clock;
  readonly #onChange: (state: BreakerState) => void;
  #state: BreakerState = 'open';
  #timer: unknown = null;
  /** Until when the endpoint last asked to be left alone. */
  #hintedUntil = 0;

  /** `onChange` hears every state that follows the first, which is open. */
  constructor(policy: FailureAccrual, clock: Clock, onChange: (state: BreakerState) => void) {
    this.heedsHints = policy.backoff.respectRetryAfter;
    this.#accrual = accrualOf(policy, clock.now());
    this.#backoff = new Backoff(policy.backoff, clock.random);
    this.#bounds = policy.backoff;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether the endpoint takes a request now. */
  get admits(): boolean {
    return this.#state === 'open' || this.#state === 'probation';
  }

  /** A request is sent. True: it is the probe. */
  admit(): boolean {
    if (this.#state !== 'probation') return false;
    this.#turn('probe-sent');
    return true;
  }

  /** The endpoint asks to be left alone for so long; the last such wish counts. */
  hint(ms: number): void {
    this.#hintedUntil = this.#clock.now() + ms;
  }

  /**
   * How a request fared; null: nobody waited for its answer any more. While the endpoint is out of use only
   * the probe counts: the others were sent before.
   */
  record(outcome: Outcome | null, probe: boolean): void {
    if (probe) {
      if (outcome === null) this.#turn('probe-given-up');
      else this.#turn(this.#accrual.isRecovery(outcome) ? 'probe-succeeded' : 'probe-failed');
    } else if (outcome !== null && this.#state === 'open') {
      if (this.#accrual.trips(outcome, this.#clock.now())) this.#turn('tripped');
    }
  }

  /** No timer is left. */
  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #turn(event: BreakerEvent): void {
    const before = this.#state;
    this.#state = nextBreakerState(before, event);
    if (this.#state === before) return;
    if (this.#state === 'open') {
      this.#backoff.reset();
      this.#accrual.reset(this.#clock.now());
    } else if (this.#state === 'shut') {
      const ms = Math.max(this.#backoff.next(), event === 'tripped' ? this.#hintedMs() : 0);
      this.#timer = this.#clock.setTimeout(() => this.#turn('waited'), Math.min(ms, MAX_TIMER_MS));
    }
    this.#onChange(this.#state);
  }

  /** What is left of the endpoint's last wish, never beyond what the policy allows. */
  #hintedMs(): number {
    const left = this.#hintedUntil - this.#clock.now();
    this.#hintedUntil = 0;
    return left <= 0 ? 0 : Math.min(this.#bounds.maxMs, Math.max(this.#bounds.minMs, left));
  }
}
