import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { RequestHandler, RequestListener, ResponseStream, StreamReset } from '../http/stream.ts';

/** One request as a listener heard it. */
export class RecordedRequest implements RequestHandler {
  readonly head: RequestHead;
  readonly stream: ResponseStream;
  ended: boolean;
  trailers: HeaderList | null = null;
  reset: StreamReset | null = null;
  drains = 0;
  readonly chunks: Buffer[] = [];
  readonly #onEnd: (request: RecordedRequest) => void;

  constructor(
    head: RequestHead,
    ended: boolean,
    stream: ResponseStream,
    onEnd: (request: RecordedRequest) => void,
  ) {
    this.head = head;
    this.ended = ended;
    this.stream = stream;
    this.#onEnd = onEnd;
    if (ended) onEnd(this);
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  answer(status: number, body = '', headers: HeaderList = []): void {
    this.stream.writeHead(
      responseHead(status, ['content-length', String(body.length), ...headers]),
      body === '',
    );
    if (body === '') return;
    this.stream.writeData(Buffer.from(body, 'latin1'));
    this.stream.end(null);
  }

  onRequestData(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onRequestEnd(trailers: HeaderList | null): void {
    this.ended = true;
    this.trailers = trailers;
    this.#onEnd(this);
  }

  onRequestReset(reset: StreamReset): void {
    this.reset = reset;
  }

  onResponseDrain(): void {
    this.drains++;
  }
}

/** A listener that keeps what it hears; `onEnd` may answer each request once it is complete. */
export class RecordingListener {
  readonly requests: RecordedRequest[] = [];
  readonly listen: RequestListener;

  constructor(onEnd: (request: RecordedRequest) => void = () => {}) {
    this.listen = (head, ended, stream) => {
      const request = new RecordedRequest(head, ended, stream, onEnd);
      this.requests.push(request);
      return request;
    };
  }

  get last(): RecordedRequest {
    return this.requests[this.requests.length - 1];
  }
}

export function responseHead(status: number, headers: HeaderList = []): ResponseHead {
  return { status, version: '1.1', headers, contentLength: -1 };
}
