import type { HeaderList, ResponseHead } from '../http/message.ts';
import type { RequestHandler, ResponseStream, StreamReset, Tunnel } from '../http/stream.ts';
import { ErrorCode } from './error-code.ts';
import { Http2Stream, type StreamOwner } from './stream.ts';

export interface ServerStreamOwner extends StreamOwner {
  sendResponseHead(stream: Http2Stream, head: ResponseHead, ended: boolean): void;
  drain(): void;
}

const nobody: RequestHandler = {
  onRequestData() {},
  onRequestEnd() {},
  onRequestReset() {},
  onResponseDrain() {},
};

/** One request and its answer, on the server's side. */
export class ServerStream extends Http2Stream implements ResponseStream {
  handler: RequestHandler = nobody;
  /** The connection ends gracefully once this exchange is over. */
  closesConnection = false;

  readonly #server: ServerStreamOwner;

  constructor(owner: ServerStreamOwner) {
    super(owner);
    this.#server = owner;
  }

  writeInformational(head: ResponseHead): void {
    this.#server.sendResponseHead(this, head, false);
  }

  writeHead(head: ResponseHead, ended: boolean): void {
    this.#server.sendResponseHead(this, head, ended);
  }

  reset(reset: StreamReset): void {
    this.owner.sendReset(this, reset.kind === 'reset' ? reset.code : ErrorCode.InternalError);
  }

  pauseRequest(): void {
    this.pauseReceiving();
  }

  resumeRequest(): void {
    this.resumeReceiving();
  }

  acceptUpgrade(): Tunnel {
    throw new Error('an HTTP/2 stream cannot leave HTTP');
  }

  closeAfter(): void {
    if (this.state === 'closed') this.#server.drain();
    else this.closesConnection = true;
  }

  deliverData(chunk: Buffer): void {
    this.handler.onRequestData(chunk);
  }

  deliverEnd(trailers: HeaderList | null): void {
    this.handler.onRequestEnd(trailers);
  }

  deliverReset(reset: StreamReset): void {
    this.handler.onRequestReset(reset);
  }

  deliverDrain(): void {
    this.handler.onResponseDrain();
  }
}
