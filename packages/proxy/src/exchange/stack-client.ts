import type { ProxyError } from '../errors/proxy-error.ts';
import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type {
  HttpClient,
  RequestStream,
  ResponseHandler,
  ResponseStream,
  StreamReset,
  Tunnel,
} from '../http/stream.ts';
import type { Exchange } from './exchange.ts';

/** An exchange without a rescue: what goes wrong in it is told to the one that it belongs to. */
type Inner = Exchange & { readonly failure: ProxyError | null };

/** Makes the exchange that goes through the other stack. */
type Open = (head: RequestHead, ended: boolean, downstream: ResponseStream) => Inner;

/** Another stack as the endpoint of an exchange: its request goes on there as an exchange of its own. */
export class StackClient implements HttpClient {
  readonly ready = true;
  onReadyChange: ((ready: boolean) => void) | null = null;
  readonly #outer: Exchange;
  readonly #open: Open;

  constructor(outer: Exchange, open: Open) {
    this.#outer = outer;
    this.#open = open;
  }

  warm(): void {}

  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    const answer = new InnerAnswer(this.#outer, handler);
    // The layers there change the head as they like.
    const inner = this.#open({ ...head, headers: [...head.headers] }, ended, answer);
    answer.of(inner);
    // Later, so that the caller holds the stream before its handler hears of it.
    process.nextTick(() => inner.proceed());
    return new InnerRequest(inner, answer);
  }

  close(): void {}
}

/** The request of the outer exchange, on its way into the inner one. */
class InnerRequest implements RequestStream {
  readonly #inner: Inner;
  readonly #answer: InnerAnswer;

  constructor(inner: Inner, answer: InnerAnswer) {
    this.#inner = inner;
    this.#answer = answer;
  }

  writeData(chunk: Buffer): boolean {
    this.#inner.onRequestData(chunk);
    return this.#answer.takesMore();
  }

  end(trailers: HeaderList | null): void {
    this.#inner.onRequestEnd(trailers);
  }

  reset(reset: StreamReset): void {
    this.#inner.onRequestReset(reset);
  }

  pauseResponse(): void {
    this.#inner.upstream?.pauseResponse();
  }

  resumeResponse(): void {
    this.#inner.onResponseDrain();
  }
}

/** The answer of the inner exchange, on its way to the outer one. */
class InnerAnswer implements ResponseStream {
  readonly #outer: Exchange;
  readonly #handler: ResponseHandler;
  #inner: Inner | null = null;
  #paused = false;
  /** The outer exchange was told to wait. */
  #stalled = false;

  constructor(outer: Exchange, handler: ResponseHandler) {
    this.#outer = outer;
    this.#handler = handler;
  }

  of(inner: Inner): void {
    this.#inner = inner;
  }

  takesMore(): boolean {
    this.#stalled = this.#paused;
    return !this.#stalled;
  }

  writeInformational(head: ResponseHead): void {
    this.#handler.onInformational(head);
  }

  writeHead(head: ResponseHead, ended: boolean): void {
    this.#handler.onResponseHead(head, ended);
  }

  /** A reader that wants a pause asks the inner exchange for it. */
  writeData(chunk: Buffer): true {
    this.#handler.onResponseData(chunk);
    return true;
  }

  end(trailers: HeaderList | null): void {
    this.#handler.onResponseEnd(trailers);
  }

  /** The error itself, where there is one; RST_STREAM goes on as it came. */
  reset(reset: StreamReset): void {
    const failure = this.#inner?.failure ?? null;
    const own = failure !== null && failure.code !== 'reset';
    this.#handler.onResponseReset(own ? { kind: 'io', error: failure } : reset);
  }

  pauseRequest(): void {
    this.#paused = true;
  }

  resumeRequest(): void {
    this.#paused = false;
    if (!this.#stalled) return;
    this.#stalled = false;
    this.#handler.onRequestDrain();
  }

  acceptUpgrade(head: ResponseHead): Tunnel {
    return this.#outer.leaveHttp(head);
  }

  closeAfter(): void {
    this.#outer.closeAfter();
  }
}
