import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type {
  HttpClient,
  RequestHandler,
  RequestListener,
  RequestStream,
  ResponseHandler,
  ResponseStream,
  StreamReset,
  Tunnel,
} from '../http/stream.ts';

/** A server inside the proxy, reached as any endpoint is, without a connection. */
export class InProcessClient implements HttpClient {
  readonly ready = true;
  onReadyChange: ((ready: boolean) => void) | null = null;
  readonly #listener: RequestListener;

  constructor(listener: RequestListener) {
    this.#listener = listener;
  }

  warm(): void {}

  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    const request = new InProcessRequest(new InProcessResponse(handler));
    // Later, so that the caller holds the stream before its handler hears of it.
    process.nextTick(() => request.begin(this.#listener, head, ended));
    return request;
  }

  close(): void {}
}

class InProcessRequest implements RequestStream {
  readonly #response: InProcessResponse;
  #server: RequestHandler | null = null;
  #early: (() => void)[] = [];

  constructor(response: InProcessResponse) {
    this.#response = response;
  }

  begin(listener: RequestListener, head: RequestHead, ended: boolean): void {
    if (this.#response.over) return;
    this.#server = listener(head, ended, this.#response);
    for (const call of this.#early) call();
    this.#early = [];
  }

  writeData(chunk: Buffer): boolean {
    this.#tell(() => this.#server?.onRequestData(chunk));
    return true;
  }

  end(trailers: HeaderList | null): void {
    this.#tell(() => this.#server?.onRequestEnd(trailers));
  }

  reset(reset: StreamReset): void {
    this.#response.over = true;
    this.#server?.onRequestReset(reset);
  }

  pauseResponse(): void {
    this.#response.paused = true;
  }

  resumeResponse(): void {
    if (!this.#response.paused) return;
    this.#response.paused = false;
    this.#server?.onResponseDrain();
  }

  #tell(call: () => void): void {
    if (this.#server === null) this.#early.push(call);
    else call();
  }
}

class InProcessResponse implements ResponseStream {
  /** The response has ended, or nobody wants it any more. */
  over = false;
  paused = false;
  readonly #handler: ResponseHandler;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  writeInformational(head: ResponseHead): void {
    if (!this.over) this.#handler.onInformational(head);
  }

  writeHead(head: ResponseHead, ended: boolean): void {
    if (this.over) return;
    this.over = ended;
    this.#handler.onResponseHead(head, ended);
  }

  writeData(chunk: Buffer): boolean {
    if (!this.over) this.#handler.onResponseData(chunk);
    return !this.paused;
  }

  end(trailers: HeaderList | null): void {
    if (this.over) return;
    this.over = true;
    this.#handler.onResponseEnd(trailers);
  }

  reset(reset: StreamReset): void {
    if (this.over) return;
    this.over = true;
    this.#handler.onResponseReset(reset);
  }

  pauseRequest(): void {}
  resumeRequest(): void {}
  closeAfter(): void {}

  acceptUpgrade(): Tunnel {
    throw new Error('a server inside the proxy does not leave HTTP');
  }
}
