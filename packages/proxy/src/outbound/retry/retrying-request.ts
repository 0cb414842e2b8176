import type { Clock } from '../../balance/balancer.ts';
import { ProxyError } from '../../errors/proxy-error.ts';
import type { Stack } from '../../exchange/layer.ts';
import type { HeaderList, ResponseHead } from '../../http/message.ts';
import type { RequestStream, ResponseHandler, StreamReset } from '../../http/stream.ts';
import { formatMs } from '../format-ms.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';
import { type AttemptListener, AttemptResponse, type Judgement } from './attempt-response.ts';
import { OutboundAttempt } from './outbound-attempt.ts';
import type { ReplayBody } from './replay-body.ts';
import type { RetryRule } from './retry-rule.ts';

/** RFC 9113 section 7. */
const CANCEL = 8;

/**
 * A request that may be sent several times. To the exchange it belongs to it is one request with one answer;
 * each attempt is an exchange of its own, through the layers below.
 */
export class RetryingRequest implements RequestStream, AttemptListener {
  readonly #whole: OutboundExchange;
  readonly #stack: Stack<OutboundExchange>;
  readonly #rule: RetryRule;
  readonly #handler: ResponseHandler;
  readonly #body: ReplayBody;
  readonly #clock: Clock;
  readonly #discarded = new Set<AttemptResponse>();
  #attempt: OutboundAttempt | null = null;
  #response: AttemptResponse | null = null;
  /** What came before the first attempt. */
  #early: Buffer[] = [];
  /** The attempt takes no more of the body for now. */
  #paused = false;
  /** The whole exchange was told so. */
  #stalled = false;
  #over = false;
  /** The limit for the head of an answer, or the wait before the next attempt. */
  #timer: unknown = null;

  constructor(
    whole: OutboundExchange,
    stack: Stack<OutboundExchange>,
    rule: RetryRule,
    handler: ResponseHandler,
    body: ReplayBody,
    clock: Clock,
  ) {
    this.#whole = whole;
    this.#stack = stack;
    this.#rule = rule;
    this.#handler = handler;
    this.#body = body;
    this.#clock = clock;
  }

  /** The first attempt, with what has come of the body. */
  begin(): void {
    if (this.#over) return;
    const early = this.#early;
    this.#early = [];
    this.#send(early);
  }

  // ---- from the whole exchange -----------------------------------------------------------------------

  writeData(chunk: Buffer): boolean {
    if (!this.#over) this.#body.add(chunk);
    if (this.#attempt === null) {
      this.#early.push(chunk);
      this.#stalled = true;
    } else {
      this.#attempt.onRequestData(chunk);
      this.#stalled = this.#paused;
    }
    return !this.#stalled;
  }

  end(trailers: HeaderList | null): void {
    this.#body.end(trailers);
    if (this.#attempt === null) return;
    this.#attempt.onRequestEnd(trailers);
    this.#limitHead(this.#attempt);
  }

  reset(reset: StreamReset): void {
    this.#finish();
    this.#response?.abandon(reset);
  }

  pauseResponse(): void {
    this.#attempt?.upstream?.pauseResponse();
  }

  resumeResponse(): void {
    this.#attempt?.onResponseDrain();
  }

  // ---- from the attempts -----------------------------------------------------------------------------

  onHeadSeen(attempt: OutboundAttempt, head: ResponseHead): boolean {
    this.#stopTimer();
    return this.#body.ended && this.#rule.trailersMatter(attempt, head);
  }

  onAnswer(attempt: OutboundAttempt, head: ResponseHead, trailers: HeaderList | null): Judgement {
    if (this.#over || !this.#rule.wantsAnother(attempt, head, trailers, this.#body)) return 'pass';
    const response = this.#response;
    const waitMs = this.#rule.waitMs();
    if (waitMs > 0 && response !== null) {
      this.#timer = this.#clock.setTimeout(() => this.#sendInsteadOf(response), waitMs);
      return 'hold';
    }
    if (!this.#rule.resend()) return 'pass';
    const judgement = this.#body.ended ? 'discard' : 'abandon';
    if (response !== null) this.#discarded.add(response);
    this.#sendAgain();
    return judgement;
  }

  onInformational(head: ResponseHead): void {
    this.#handler.onInformational(head);
  }

  onHead(attempt: OutboundAttempt, head: ResponseHead, ended: boolean): void {
    this.#adopt(attempt);
    this.#body.release();
    if (ended) this.#finish();
    this.#handler.onResponseHead(head, ended);
  }

  onData(chunk: Buffer): void {
    this.#handler.onResponseData(chunk);
  }

  onEnd(trailers: HeaderList | null): void {
    this.#finish();
    this.#handler.onResponseEnd(trailers);
  }

  onReset(attempt: OutboundAttempt, reset: StreamReset): void {
    this.#stopTimer();
    if (this.#over) return;
    if (attempt.response === null && this.#rule.survives(attempt, this.#body)) {
      // Never at once: attempts that fail where they stand must not pile up on each other.
      this.#timer = this.#clock.setTimeout(() => {
        if (this.#rule.resend()) this.#sendAgain();
        else this.#giveUp(attempt, reset);
      }, this.#rule.waitMs());
      return;
    }
    this.#giveUp(attempt, reset);
  }

  onPauseRequest(attempt: OutboundAttempt): void {
    if (attempt === this.#attempt) this.#paused = true;
  }

  onResumeRequest(attempt: OutboundAttempt): void {
    if (attempt !== this.#attempt) return;
    this.#paused = false;
    this.#drain();
  }

  closeAfter(): void {
    this.#whole.closeAfter();
  }

  // ---- inside ----------------------------------------------------------------------------------------

  /** The wait is over: the held answer goes nowhere, unless there is nothing to send the request to. */
  #sendInsteadOf(held: AttemptResponse): void {
    this.#timer = null;
    if (!this.#rule.resend()) {
      held.release();
      return;
    }
    this.#discarded.add(held);
    held.discard();
    this.#sendAgain();
  }

  #sendAgain(): void {
    this.#timer = null;
    this.#paused = false;
    this.#whole.timers?.sentAgain();
    this.#send(this.#body.chunks);
  }

  /** One more attempt, with what there is of the body. */
  #send(chunks: readonly Buffer[]): void {
    const { ended, trailers } = this.#body;
    const attempt = this.#start(ended && chunks.length === 0 && trailers === null);
    for (const chunk of chunks) attempt.onRequestData(chunk);
    if (ended) {
      if (!attempt.requestEnded) attempt.onRequestEnd(trailers);
      this.#limitHead(attempt);
    } else {
      this.#drain();
    }
  }

  #start(ended: boolean): OutboundAttempt {
    const response = new AttemptResponse(this);
    const attempt = new OutboundAttempt(this.#stack, this.#whole, ended, response, this.#clock.now());
    response.of(attempt);
    this.#response = response;
    this.#attempt = attempt;
    attempt.proceed();
    return attempt;
  }

  /** From when the attempt has been given all of the request. */
  #limitHead(attempt: OutboundAttempt): void {
    if (this.#over || attempt !== this.#attempt || attempt.response !== null || attempt.finished) return;
    if (!this.#body.complete) return;
    const ms = this.#rule.headLimitMs();
    if (ms === null) return;
    this.#timer = this.#clock.setTimeout(() => {
      const text = `timed out waiting for response headers: ${formatMs(ms)}`;
      attempt.fail(new ProxyError('response-timeout', text, { timeout: 'headers' }));
    }, ms);
  }

  #drain(): void {
    if (!this.#stalled || this.#paused) return;
    this.#stalled = false;
    this.#handler.onRequestDrain();
  }

  #giveUp(attempt: OutboundAttempt, reset: StreamReset): void {
    this.#adopt(attempt);
    this.#finish();
    const { failure } = attempt;
    // The error itself, where there is one; RST_STREAM goes on as it came.
    const own = failure !== null && failure.code !== 'reset';
    this.#handler.onResponseReset(own ? { kind: 'io', error: failure } : reset);
  }

  /** The errors and headers of the whole exchange speak of the endpoint that was tried last. */
  #adopt({ backendMeta, endpoint }: OutboundAttempt): void {
    this.#whole.backendMeta = backendMeta;
    this.#whole.endpoint = endpoint;
  }

  #finish(): void {
    this.#over = true;
    this.#stopTimer();
    this.#body.release();
    this.#abandonDiscarded();
  }

  #stopTimer(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Answers that were thrown away and have not ended by now are not waited for. */
  #abandonDiscarded(): void {
    for (const response of this.#discarded) response.abandon({ kind: 'reset', code: CANCEL });
    this.#discarded.clear();
  }
}
