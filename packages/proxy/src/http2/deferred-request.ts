import type { HeaderList, RequestHead } from '../http/message.ts';
import type { RequestStream, ResponseHandler, StreamReset } from '../http/stream.ts';
import type { Http2ClientConnection } from './client-connection.ts';

/** A request made before there is a connection for it; passes everything on once there is one. */
export class DeferredRequest implements RequestStream {
  readonly #head: RequestHead;
  readonly #ended: boolean;
  readonly #handler: ResponseHandler;
  #stream: RequestStream | null = null;
  /** What the writer sent although it was asked to wait. */
  #chunks: Buffer[] = [];
  #end: { readonly trailers: HeaderList | null } | null = null;
  #paused = false;
  #over = false;

  constructor(head: RequestHead, ended: boolean, handler: ResponseHandler) {
    this.#head = head;
    this.#ended = ended;
    this.#handler = handler;
  }

  start(session: Http2ClientConnection): void {
    if (this.#over) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    const stream = session.request(this.#head, this.#ended, this.#handler);
    this.#stream = stream;
    if (this.#paused) stream.pauseResponse();
    let room = true;
    for (const chunk of chunks) room = stream.writeData(chunk);
    if (this.#end !== null) stream.end(this.#end.trailers);
    else if (room && chunks.length > 0) this.#handler.onRequestDrain();
  }

  fail(error: Error): void {
    if (this.#over || this.#stream !== null) return;
    this.#over = true;
    this.#chunks = [];
    this.#handler.onResponseReset({ kind: 'io', error });
  }

  writeData(chunk: Buffer): boolean {
    if (this.#stream !== null) return this.#stream.writeData(chunk);
    if (!this.#over) this.#chunks.push(chunk);
    return false;
  }

  end(trailers: HeaderList | null): void {
    if (this.#stream !== null) this.#stream.end(trailers);
    else this.#end = { trailers };
  }

  reset(reset: StreamReset): void {
    this.#over = true;
    this.#chunks = [];
    this.#stream?.reset(reset);
  }

  pauseResponse(): void {
    this.#paused = true;
    this.#stream?.pauseResponse();
  }

  resumeResponse(): void {
    this.#paused = false;
    this.#stream?.resumeResponse();
  }
}
