import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { RequestStream, ResponseHandler, StreamReset } from '../http/stream.ts';
import { ErrorCode } from '../http2/error-code.ts';
import { MessageReader } from './framing.ts';
import { type GrpcStatus, StatusCode, statusIn, statusOfHttp, statusOfReset } from './status.ts';

/** Hears what one call brings: its messages, then exactly one end. */
export interface CallHandler {
  onMessage(message: Buffer): void;
  onEnd(status: GrpcStatus): void;
}

/** A request that has been sent, as far as the caller still has a say in it. */
export type SentRequest = Pick<RequestStream, 'reset'>;

/** Hears the answer, and is given the request once it has been sent. */
export interface CallReceiver extends ResponseHandler {
  stream: SentRequest | null;
}

/** Sends requests to one of a service's instances. */
export interface CallTransport {
  /**
   * The handler hears of it when no instance can be had. Returns a way to take back a request that has not
   * been sent; one that has been is reset through `handler.stream`.
   */
  send(head: RequestHead, body: Buffer, handler: CallReceiver): () => void;
}

/** One call with one request message, as the client sees its answer. */
export class GrpcCall implements CallReceiver {
  stream: SentRequest | null = null;
  readonly #handler: CallHandler;
  readonly #reader = new MessageReader();
  #ended = false;

  constructor(handler: CallHandler) {
    this.#handler = handler;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Ends the call from this side; the handler hears the status. */
  abort(status: GrpcStatus): void {
    if (this.#ended) return;
    this.stream?.reset({ kind: 'reset', code: ErrorCode.Cancel });
    this.#end(status);
  }

  /** Ends the call without a word to the handler. */
  forget(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.stream?.reset({ kind: 'reset', code: ErrorCode.Cancel });
  }

  onInformational(): void {}

  onResponseHead(head: ResponseHead, ended: boolean): void {
    const status = statusIn(head.headers);
    if (status !== null) this.#finish(status, ended);
    else if (head.status !== 200) this.#finish(statusOfHttp(head.status), ended);
    else if (ended) this.#end({ code: StatusCode.Unknown, message: 'the answer has no status' });
  }

  onResponseData(chunk: Buffer): void {
    if (this.#ended) return;
    const problem = this.#reader.read(chunk, (message) => {
      if (!this.#ended) this.#handler.onMessage(message);
    });
    if (problem !== null) this.abort({ code: StatusCode.ResourceExhausted, message: problem });
  }

  onResponseEnd(trailers: HeaderList | null): void {
    const status = trailers === null ? null : statusIn(trailers);
    this.#end(status ?? { code: StatusCode.Unknown, message: 'the answer has no status' });
  }

  onResponseReset(reset: StreamReset): void {
    this.#end(statusOfReset(reset));
  }

  onRequestDrain(): void {}

  onUpgrade(): void {
    this.#end({ code: StatusCode.Internal, message: 'the answer leaves HTTP' });
  }

  #finish(status: GrpcStatus, ended: boolean): void {
    if (!ended) this.stream?.reset({ kind: 'reset', code: ErrorCode.Cancel });
    this.#end(status);
  }

  #end(status: GrpcStatus): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#handler.onEnd(status);
  }
}

/** The head of a call (gRPC over HTTP/2, "Requests"). */
export function callHead(
  authority: string,
  service: string,
  method: string,
  metadata: HeaderList = [],
): RequestHead {
  return {
    method: 'POST',
    path: `/${service}/${method}`,
    scheme: 'http',
    authority,
    version: '2',
    form: 'origin',
    headers: ['te', 'trailers', 'content-type', 'application/grpc', 'user-agent', 'weft-proxy', ...metadata],
    contentLength: -1,
    wantsUpgrade: false,
  };
}
