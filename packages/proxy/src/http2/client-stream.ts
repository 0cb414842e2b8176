import type { HeaderList, RequestHead } from '../http/message.ts';
import type { RequestStream, ResponseHandler, StreamReset } from '../http/stream.ts';
import { ErrorCode } from './error-code.ts';
import { Http2Stream, type StreamOwner } from './stream.ts';

/** One request and its answer, on the client's side. */
export class ClientStream extends Http2Stream implements RequestStream {
  readonly handler: ResponseHandler;
  /** The request, until it is sent. */
  head: RequestHead | null;
  readonly headEnds: boolean;
  readonly isHead: boolean;
  /** The final head of the answer has come. */
  answered = false;
  /** 1xx answers that have come. */
  informational = 0;

  constructor(owner: StreamOwner, head: RequestHead, headEnds: boolean, handler: ResponseHandler) {
    super(owner);
    this.head = head;
    this.headEnds = headEnds;
    this.isHead = head.method === 'HEAD';
    this.handler = handler;
  }

  reset(reset: StreamReset): void {
    this.owner.sendReset(this, reset.kind === 'reset' ? reset.code : ErrorCode.Cancel);
  }

  pauseResponse(): void {
    this.pauseReceiving();
  }

  resumeResponse(): void {
    this.resumeReceiving();
  }

  deliverData(chunk: Buffer): void {
    this.handler.onResponseData(chunk);
  }

  deliverEnd(trailers: HeaderList | null): void {
    this.handler.onResponseEnd(trailers);
  }

  deliverReset(reset: StreamReset): void {
    this.handler.onResponseReset(reset);
  }

  deliverDrain(): void {
    this.handler.onRequestDrain();
  }
}
