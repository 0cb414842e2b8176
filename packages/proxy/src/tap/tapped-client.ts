import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { HttpClient, RequestStream, ResponseHandler, StreamReset, Tunnel } from '../http/stream.ts';
import type { TappedRequest } from './tap.ts';

/** The client of an endpoint for one request that taps are told of. */
export class TappedClient implements HttpClient {
  onReadyChange: ((ready: boolean) => void) | null = null;
  readonly #client: HttpClient;
  readonly #taps: readonly TappedRequest[];

  constructor(client: HttpClient, taps: readonly TappedRequest[]) {
    this.#client = client;
    this.#taps = taps;
  }

  get ready(): boolean {
    return this.#client.ready;
  }

  warm(): void {
    this.#client.warm();
  }

  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    const stream = this.#client.request(head, ended, new TappedResponse(handler, this.#taps));
    return new TappedStream(stream, this.#taps);
  }

  close(): void {
    this.#client.close();
  }
}

class TappedStream implements RequestStream {
  readonly #stream: RequestStream;
  readonly #taps: readonly TappedRequest[];

  constructor(stream: RequestStream, taps: readonly TappedRequest[]) {
    this.#stream = stream;
    this.#taps = taps;
  }

  writeData(chunk: Buffer): boolean {
    return this.#stream.writeData(chunk);
  }

  end(trailers: HeaderList | null): void {
    this.#stream.end(trailers);
  }

  /** The client has given up, or a layer has. */
  reset(reset: StreamReset): void {
    for (const tap of this.#taps) tap.failed(reset);
    this.#stream.reset(reset);
  }

  pauseResponse(): void {
    this.#stream.pauseResponse();
  }

  resumeResponse(): void {
    this.#stream.resumeResponse();
  }
}

class TappedResponse implements ResponseHandler {
  readonly #handler: ResponseHandler;
  readonly #taps: readonly TappedRequest[];

  constructor(handler: ResponseHandler, taps: readonly TappedRequest[]) {
    this.#handler = handler;
    this.#taps = taps;
  }

  onInformational(head: ResponseHead): void {
    this.#handler.onInformational(head);
  }

  onResponseHead(head: ResponseHead, ended: boolean): void {
    for (const tap of this.#taps) {
      tap.responded(head);
      if (ended) tap.ended(null);
    }
    this.#handler.onResponseHead(head, ended);
  }

  onResponseData(chunk: Buffer): void {
    for (const tap of this.#taps) tap.data(chunk.length);
    this.#handler.onResponseData(chunk);
  }

  onResponseEnd(trailers: HeaderList | null): void {
    for (const tap of this.#taps) tap.ended(trailers);
    this.#handler.onResponseEnd(trailers);
  }

  onResponseReset(reset: StreamReset): void {
    for (const tap of this.#taps) tap.failed(reset);
    this.#handler.onResponseReset(reset);
  }

  onRequestDrain(): void {
    this.#handler.onRequestDrain();
  }

  /** What follows is no response any more. */
  onUpgrade(head: ResponseHead, tunnel: Tunnel): void {
    for (const tap of this.#taps) {
      tap.responded(head);
      tap.ended(null);
    }
    this.#handler.onUpgrade(head, tunnel);
  }
}
