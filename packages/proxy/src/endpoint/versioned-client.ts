import type { RequestHead } from '../http/message.ts';
import type { HttpClient, RequestStream, ResponseHandler } from '../http/stream.ts';

/**
 * HTTP/2 for whatever is sent as HTTP/2, and HTTP/1 connections, made when first needed, for the rest: an
 * endpoint to which HTTP/1 is carried over HTTP/2 still has to be asked in HTTP/1 for an upgrade.
 */
export class VersionedClient implements HttpClient {
  readonly #makeHttp1: () => HttpClient;
  readonly #http2: HttpClient;
  #http1: HttpClient | null = null;

  constructor(makeHttp1: () => HttpClient, http2: HttpClient) {
    this.#makeHttp1 = makeHttp1;
    this.#http2 = http2;
  }

  get ready(): boolean {
    return this.#http2.ready;
  }

  get onReadyChange(): ((ready: boolean) => void) | null {
    return this.#http2.onReadyChange;
  }

  set onReadyChange(listener: ((ready: boolean) => void) | null) {
    this.#http2.onReadyChange = listener;
  }

  warm(): void {
    this.#http2.warm();
  }

  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    if (head.version === '2') return this.#http2.request(head, ended, handler);
    this.#http1 ??= this.#makeHttp1();
    return this.#http1.request(head, ended, handler);
  }

  close(): void {
    this.#http1?.close();
    this.#http2.close();
  }
}
