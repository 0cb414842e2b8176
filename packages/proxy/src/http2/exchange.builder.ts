import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type {
  RequestHandler,
  RequestListener,
  ResponseHandler,
  ResponseStream,
  StreamReset,
} from '../http/stream.ts';

export function requestHead(overrides: Partial<RequestHead> = {}): RequestHead {
  return {
    method: 'GET',
    path: '/',
    scheme: 'http',
    authority: 'web',
    version: '2',
    form: 'origin',
    headers: [],
    contentLength: -1,
    wantsUpgrade: false,
    ...overrides,
  };
}

export function responseHead(overrides: Partial<ResponseHead> = {}): ResponseHead {
  return { status: 200, version: '2', headers: [], contentLength: -1, ...overrides };
}

/** A request as a server heard it, and the way to answer it. */
export class HeardRequest implements RequestHandler {
  readonly head: RequestHead;
  readonly stream: ResponseStream;
  readonly chunks: Buffer[] = [];
  ended: boolean;
  trailers: HeaderList | null = null;
  reset: StreamReset | null = null;
  drains = 0;
  onDrain: (() => void) | null = null;
  onEnded: (() => void) | null = null;

  constructor(head: RequestHead, ended: boolean, stream: ResponseStream) {
    this.head = head;
    this.ended = ended;
    this.stream = stream;
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  answer(body = '', head: Partial<ResponseHead> = {}, trailers: HeaderList | null = null): void {
    this.stream.writeHead(responseHead(head), false);
    if (body !== '') this.stream.writeData(Buffer.from(body, 'latin1'));
    this.stream.end(trailers);
  }

  onRequestData(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onRequestEnd(trailers: HeaderList | null): void {
    this.ended = true;
    this.trailers = trailers;
    this.onEnded?.();
  }

  onRequestReset(reset: StreamReset): void {
    this.reset = reset;
  }

  onResponseDrain(): void {
    this.drains++;
    this.onDrain?.();
  }
}

/** A listener that keeps what it hears, and answers if told how. */
export function hearing(
  requests: HeardRequest[],
  answer: ((request: HeardRequest) => void) | null = null,
): RequestListener {
  return (head, ended, stream) => {
    const request = new HeardRequest(head, ended, stream);
    requests.push(request);
    if (ended) answer?.(request);
    else request.onEnded = () => answer?.(request);
    return request;
  };
}

/** The answer as a client heard it. */
export class HeardResponse implements ResponseHandler {
  head: ResponseHead | null = null;
  readonly informational: ResponseHead[] = [];
  readonly chunks: Buffer[] = [];
  ended = false;
  trailers: HeaderList | null = null;
  reset: StreamReset | null = null;
  drains = 0;
  onDrain: (() => void) | null = null;
  /** Settles with the end or the reset. */
  readonly over: Promise<void>;
  #settle: () => void = () => {};

  constructor() {
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  onInformational(head: ResponseHead): void {
    this.informational.push(head);
  }

  onResponseHead(head: ResponseHead, ended: boolean): void {
    this.head = head;
    if (ended) this.onResponseEnd(null);
  }

  onResponseData(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(trailers: HeaderList | null): void {
    this.ended = true;
    this.trailers = trailers;
    this.#settle();
  }

  onResponseReset(reset: StreamReset): void {
    this.reset = reset;
    this.#settle();
  }

  onRequestDrain(): void {
    this.drains++;
    this.onDrain?.();
  }

  onUpgrade(): void {
    throw new Error('HTTP/2 does not upgrade');
  }
}
