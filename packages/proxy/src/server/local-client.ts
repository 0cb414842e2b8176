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

/** An endpoint inside this process: its requests go straight to a listener. */
export class LocalClient implements HttpClient {
  readonly ready = true;
  onReadyChange: ((ready: boolean) => void) | null = null;
  readonly #listener: RequestListener;

  constructor(listener: RequestListener) {
    this.#listener = listener;
  }

  warm(): void {}

  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    const request = new LocalRequest(handler);
    // Later, so that the caller holds the stream before its handler hears of the answer.
    process.nextTick(() => request.begin(this.#listener, head, ended));
    return request;
  }

  close(): void {}
}

class LocalRequest implements RequestStream {
  readonly #response: LocalResponse;
  #handler: RequestHandler | null = null;
  /** What was sent before the listener was asked; no more than one turn's worth. */
  #early: ((handler: RequestHandler) => void)[] = [];
  #reset = false;

  constructor(handler: ResponseHandler) {
    this.#response = new LocalResponse(handler);
  }

  begin(listener: RequestListener, head: RequestHead, ended: boolean): void {
    if (this.#reset) return;
    const handler = listener(head, ended, this.#response);
    this.#handler = handler;
    for (const replay of this.#early) replay(handler);
    this.#early = [];
  }

  writeData(chunk: Buffer): boolean {
    this.#tell((handler) => handler.onRequestData(chunk));
    return true;
  }

  end(trailers: HeaderList | null): void {
    this.#tell((handler) => handler.onRequestEnd(trailers));
  }

  reset(reset: StreamReset): void {
    if (this.#reset) return;
    this.#reset = true;
    if (this.#response.finish()) this.#handler?.onRequestReset(reset);
  }

  pauseResponse(): void {
    this.#response.paused = true;
  }

  resumeResponse(): void {
    if (!this.#response.paused) return;
    this.#response.paused = false;
    this.#handler?.onResponseDrain();
  }

  #tell(event: (handler: RequestHandler) => void): void {
    if (this.#reset) return;
    if (this.#handler === null) this.#early.push(event);
    else event(this.#handler);
  }
}

class LocalResponse implements ResponseStream {
  paused = false;
  readonly #handler: ResponseHandler;
  #over = false;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  /** False when it was over before. */
  finish(): boolean {
    const wasOver = this.#over;
    this.#over = true;
    return !wasOver;
  }

  writeInformational(head: ResponseHead): void {
    if (!this.#over) this.#handler.onInformational(head);
  }

  writeHead(head: ResponseHead, ended: boolean): void {
    if (this.#over) return;
    this.#over = ended;
    this.#handler.onResponseHead(head, ended);
  }

  writeData(chunk: Buffer): boolean {
    if (!this.#over) this.#handler.onResponseData(chunk);
    return !this.paused;
  }

  end(trailers: HeaderList | null): void {
    if (this.finish()) this.#handler.onResponseEnd(trailers);
  }

  reset(reset: StreamReset): void {
    if (this.finish()) this.#handler.onResponseReset(reset);
  }

  pauseRequest(): void {}

  resumeRequest(): void {}

  acceptUpgrade(): Tunnel {
    throw new Error('an endpoint inside this process does not leave HTTP');
  }

  closeAfter(): void {}
}
