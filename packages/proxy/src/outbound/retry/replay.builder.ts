import type { OutboundPolicy, Profile } from '@weft/policy';
import { FakeDownstream, responseHead } from '../../exchange/exchange.builder.ts';
import type { RequestHead } from '../../http/message.ts';
import type { HttpClient, RequestStream, ResponseHandler, StreamReset } from '../../http/stream.ts';
import { OutboundBench } from '../outbound-bench.builder.ts';

/** One attempt, as the endpoint's codec sees it. */
export class SeenAttempt implements RequestStream {
  readonly handler: ResponseHandler;
  readonly chunks: Buffer[] = [];
  /** The request is complete. */
  ended: boolean;
  trailers: readonly string[] | null = null;
  /** Either side gave it up, or its answer is complete: its handler hears no more. */
  over = false;
  answered = false;
  stalled = false;
  /** What no codec may be asked for. */
  offence: string | null = null;
  readonly #endpoint: StallingEndpoint;

  constructor(handler: ResponseHandler, ended: boolean, endpoint: StallingEndpoint) {
    this.handler = handler;
    this.ended = ended;
    this.#endpoint = endpoint;
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  writeData(chunk: Buffer): boolean {
    if (this.ended) this.offence = 'data after the end';
    this.chunks.push(chunk);
    this.stalled = this.#endpoint.stalls;
    return !this.stalled;
  }

  end(trailers: readonly string[] | null): void {
    if (this.ended) this.offence = 'a second end';
    this.ended = true;
    this.trailers = trailers;
  }

  reset(_reset: StreamReset): void {
    this.over = true;
  }

  pauseResponse(): void {}
  resumeResponse(): void {}
}

/** An endpoint that takes no more data, or no requests, when the test says so. */
export class StallingEndpoint implements HttpClient {
  readonly attempts: SeenAttempt[] = [];
  ready = true;
  stalls = false;
  onReadyChange: ((ready: boolean) => void) | null = null;

  warm(): void {}
  close(): void {}

  request(_head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    const attempt = new SeenAttempt(handler, ended, this);
    this.attempts.push(attempt);
    return attempt;
  }

  get last(): SeenAttempt | undefined {
    return this.attempts.at(-1);
  }
}

/** The application, as its codec is told: whether it is held back, and what it was answered. */
class WatchedDownstream extends FakeDownstream {
  paused = false;
  answers = 0;
  over = false;

  override pauseRequest(): void {
    this.paused = true;
  }
  override resumeRequest(): void {
    this.paused = false;
  }
  override writeHead(...args: Parameters<FakeDownstream['writeHead']>): void {
    super.writeHead(...args);
    this.answers++;
    if (args[1]) this.over = true;
  }
  override end(trailers: string[] | null): void {
    super.end(trailers);
    this.over = true;
  }
  override reset(reset: StreamReset): void {
    super.reset(reset);
    if (this.head === null) this.answers++;
    this.over = true;
  }
}

/** One request with a body, the whole stack, and an endpoint; everything that can happen is a method. */
export class ReplayBench {
  readonly endpoint = new StallingEndpoint();
  readonly world: OutboundBench;
  readonly downstream = new WatchedDownstream();
  /** What the application has sent. */
  sent = '';
  ended = false;
  trailers: string[] | null = null;
  cancelled = false;
  readonly #exchange;
  #letter = 0;

  constructor(options: { policy?: OutboundPolicy; profile?: Profile }) {
    const { endpoint } = this;
    this.world = new OutboundBench({ ...options, clients: { http1: () => endpoint, http2: () => endpoint } });
    this.#exchange = this.world.open({ method: 'POST', contentLength: -1 }, this.downstream);
  }

  /** One letter many times, so that what is lost or doubled shows. */
  chunk(length: number): void {
    if (this.ended || this.cancelled) return;
    const text = String.fromCharCode(0x41 + (this.#letter++ % 58)).repeat(length);
    this.sent += text;
    this.#exchange.onRequestData(Buffer.from(text, 'latin1'));
  }

  end(trailers: string[] | null): void {
    if (this.ended || this.cancelled) return;
    this.ended = true;
    this.trailers = trailers;
    this.#exchange.onRequestEnd(trailers);
  }

  cancel(): void {
    if (this.downstream.over || this.cancelled) return;
    this.cancelled = true;
    this.#exchange.onRequestReset({ kind: 'reset', code: 8 });
  }

  /** The last attempt is answered; `complete`: without a body. */
  answer(status: number, complete: boolean): void {
    const attempt = this.endpoint.last;
    if (attempt === undefined || attempt.over || attempt.answered) return;
    attempt.answered = true;
    if (complete) attempt.over = true;
    attempt.handler.onResponseHead(responseHead(status), complete);
  }

  /** The body of an answer goes on, or ends; `which`: of all answers that have begun. */
  goOn(which: number, ends: boolean): void {
    const begun = this.endpoint.attempts.filter(({ answered, over }) => answered && !over);
    const attempt = begun[which % begun.length];
    if (attempt === undefined) return;
    if (ends) {
      attempt.over = true;
      attempt.handler.onResponseEnd(null);
    } else {
      attempt.handler.onResponseData(Buffer.from('answer'));
    }
  }

  breakOff(reset: StreamReset): void {
    const attempt = this.endpoint.last;
    if (attempt === undefined || attempt.over) return;
    attempt.over = true;
    attempt.handler.onResponseReset(reset);
  }

  stall(stalls: boolean): void {
    this.endpoint.stalls = stalls;
    const attempt = this.endpoint.last;
    if (stalls || attempt === undefined || attempt.over || !attempt.stalled) return;
    attempt.stalled = false;
    attempt.handler.onRequestDrain();
  }

  ready(isReady: boolean): void {
    this.endpoint.ready = isReady;
    this.endpoint.onReadyChange?.(isReady);
  }

  async turn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
  }
}
