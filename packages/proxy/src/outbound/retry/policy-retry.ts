import type { Retry } from '@weft/policy';
import { grpcStatusOf } from '../../http/classify.ts';
import type { HeaderList, ResponseHead } from '../../http/message.ts';
import { Backoff } from '../../http2/backoff.ts';
import { ErrorCode } from '../../http2/error-code.ts';
import type { RetrySeries } from '../metrics.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';
import type { OutboundAttempt } from './outbound-attempt.ts';
import type { Replay, RetryRule } from './retry-rule.ts';

/** The most of a body that is kept, whatever a policy says. */
const mostBody = 1024 * 1024;

/** The retries of a policy's route: so many, after these answers. */
export class PolicyRetry implements RetryRule {
  readonly maxBody: number;
  readonly #retry: Retry;
  readonly #whole: OutboundExchange;
  readonly #counts: RetrySeries;
  readonly #backoff: Backoff | null;
  #sent = 0;

  constructor(retry: Retry, whole: OutboundExchange, counts: RetrySeries, random: () => number) {
    this.maxBody = Math.min(retry.maxRequestBytes, mostBody);
    this.#retry = retry;
    this.#whole = whole;
    this.#counts = counts;
    this.#backoff = retry.backoff === null ? null : new Backoff(retry.backoff, random);
  }

  /** The last attempt takes its time: there is nothing to be had from giving it up. */
  headLimitMs(): number | null {
    return this.#sent < this.#retry.maxRetries ? this.#retry.timeoutMs : null;
  }

  trailersMatter(_attempt: OutboundAttempt, head: ResponseHead): boolean {
    return this.#retry.grpcCodes.size > 0 && !this.#isRetryable(head, null);
  }

  wantsAnother(
    _attempt: OutboundAttempt,
    head: ResponseHead,
    trailers: HeaderList | null,
    replay: Replay,
  ): boolean {
    if (!this.#isRetryable(head, trailers)) {
      if (this.#sent > 0) this.#counts.successes.inc();
      return false;
    }
    return this.#mayRepeat(replay);
  }

  survives({ failure }: OutboundAttempt, replay: Replay): boolean {
    switch (failure?.code) {
      case 'fail-fast':
        return this.#mayRepeat(replay);
      case 'response-timeout':
        return failure.details.timeout === 'headers' && this.#mayRepeat(replay);
      case 'reset':
        return failure.details.resetCode === ErrorCode.RefusedStream && this.#mayRepeat(replay);
      default:
        return false;
    }
  }

  waitMs(): number {
    return this.#backoff?.next() ?? 0;
  }

  resend(): boolean {
    const { logical, rule, asked } = this.#whole;
    if (rule === null || !logical.isAvailable(rule.distribution, asked)) {
      this.#counts.overflow.inc();
      return false;
    }
    this.#sent++;
    this.#counts.requests.inc();
    return true;
  }

  /** An answer that comes before the end of the request does not wait for it. */
  #mayRepeat({ complete, ended }: Replay): boolean {
    if (!complete || !ended) return false;
    if (this.#sent < this.#retry.maxRetries) return true;
    this.#counts.limitExceeded.inc();
    return false;
  }

  #isRetryable(head: ResponseHead, trailers: HeaderList | null): boolean {
    const { grpcCodes, statuses } = this.#retry;
    for (const { start, end } of statuses) if (head.status >= start && head.status <= end) return true;
    return grpcCodes.size > 0 && grpcCodes.has(Number(grpcStatusOf(head, trailers) ?? Number.NaN));
  }
}
