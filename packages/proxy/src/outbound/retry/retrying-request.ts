import type { Stack } from '../../exchange/layer.ts';
import type { HeaderList, ResponseHead } from '../../http/message.ts';
import type { RequestStream, ResponseHandler, StreamReset } from '../../http/stream.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';
import { type AttemptListener, AttemptResponse, type Judgement } from './attempt-response.ts';
import { OutboundAttempt } from './outbound-attempt.ts';
import type { ReplayBody } from './replay-body.ts';

/** When a request is sent again. */
export interface RetryRule {
  /** Asked for every answer. `repeatable`: the body is still all here. */
  again(
    attempt: OutboundAttempt,
    head: ResponseHead,
    trailers: HeaderList | null,
    repeatable: boolean,
  ): boolean;
  /** There was no answer; the request is not sent again. */
  onFailure(): void;
}

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
  readonly #now: () => number;
  readonly #discarded = new Set<AttemptResponse>();
  #attempt: OutboundAttempt | null = null;
  #response: AttemptResponse | null = null;
  #early: Buffer[] = [];
  #paused = false;
  #over = false;

  constructor(
    whole: OutboundExchange,
    stack: Stack<OutboundExchange>,
    rule: RetryRule,
    handler: ResponseHandler,
    body: ReplayBody,
    now: () => number,
  ) {
    this.#whole = whole;
    this.#stack = stack;
    this.#rule = rule;
    this.#handler = handler;
    this.#body = body;
    this.#now = now;
  }

  /** The first attempt, with what has come of the body. */
  begin(): void {
    if (this.#over) return;
    const early = this.#early;
    this.#early = [];
    const attempt = this.#start(this.#body.ended && early.length === 0);
    for (const chunk of early) attempt.onRequestData(chunk);
    if (this.#body.ended && early.length > 0) attempt.onRequestEnd(this.#body.trailers);
    else if (early.length > 0 && !this.#paused) this.#handler.onRequestDrain();
  }

  // ---- from the whole exchange -----------------------------------------------------------------------

  writeData(chunk: Buffer): boolean {
    this.#body.add(chunk);
    if (this.#attempt === null) {
      this.#early.push(chunk);
      return false;
    }
    this.#attempt.onRequestData(chunk);
    return !this.#paused;
  }

  end(trailers: HeaderList | null): void {
    this.#body.end(trailers);
    this.#attempt?.onRequestEnd(trailers);
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

  onAnswer(attempt: OutboundAttempt, head: ResponseHead, trailers: HeaderList | null): Judgement {
    if (this.#over || !this.#rule.again(attempt, head, trailers, this.#body.complete)) return 'pass';
    const judgement = this.#body.ended ? 'discard' : 'abandon';
    if (this.#response !== null) this.#discarded.add(this.#response);
    this.#again();
    return judgement;
  }

  onInformational(head: ResponseHead): void {
    this.#handler.onInformational(head);
  }

  onHead(attempt: OutboundAttempt, head: ResponseHead, ended: boolean): void {
    this.#adopt(attempt);
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
    this.#adopt(attempt);
    this.#finish();
    this.#rule.onFailure();
    const { failure } = attempt;
    // The error itself, where there is one; RST_STREAM goes on as it came.
    const own = failure !== null && failure.code !== 'reset';
    this.#handler.onResponseReset(own ? { kind: 'io', error: failure } : reset);
  }

  onPauseRequest(): void {
    this.#paused = true;
  }

  onResumeRequest(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#handler.onRequestDrain();
  }

  closeAfter(): void {
    this.#whole.closeAfter();
  }

  // ---- inside ----------------------------------------------------------------------------------------

  #again(): void {
    const { chunks, ended, trailers } = this.#body;
    this.#paused = false;
    const attempt = this.#start(ended && chunks.length === 0 && trailers === null);
    for (const chunk of chunks) attempt.onRequestData(chunk);
    if (ended && !attempt.requestEnded) attempt.onRequestEnd(trailers);
    else if (!ended && !this.#paused) this.#handler.onRequestDrain();
  }

  #start(ended: boolean): OutboundAttempt {
    const response = new AttemptResponse(this);
    const attempt = new OutboundAttempt(this.#stack, this.#whole, ended, response, this.#now());
    response.of(attempt);
    this.#response = response;
    this.#attempt = attempt;
    attempt.proceed();
    return attempt;
  }

  /** The errors and headers of the whole exchange speak of the endpoint that was tried last. */
  #adopt({ backendMeta, endpoint }: OutboundAttempt): void {
    this.#whole.backendMeta = backendMeta;
    this.#whole.endpoint = endpoint;
  }

  #finish(): void {
    this.#over = true;
    this.#abandonDiscarded();
  }

  /** Answers that were thrown away and have not ended by now are not waited for. */
  #abandonDiscarded(): void {
    for (const response of this.#discarded) response.abandon({ kind: 'reset', code: CANCEL });
    this.#discarded.clear();
  }
}
