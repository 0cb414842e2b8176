import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { ResponseHandler, StreamReset, Tunnel } from '../http/stream.ts';

/** One answer as its handler heard it. */
export class RecordedResponse implements ResponseHandler {
  readonly informational: ResponseHead[] = [];
  head: ResponseHead | null = null;
  ended = false;
  trailers: HeaderList | null = null;
  reset: StreamReset | null = null;
  tunnel: Tunnel | null = null;
  drains = 0;
  readonly chunks: Buffer[] = [];
  #wake: (() => void)[] = [];

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  get over(): boolean {
    return this.ended || this.reset !== null || this.tunnel !== null;
  }

  /** Resolves once nothing more will come. */
  async finished(): Promise<this> {
    while (!this.over) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this;
  }

  onInformational(head: ResponseHead): void {
    this.informational.push(head);
  }

  onResponseHead(head: ResponseHead, ended: boolean): void {
    this.head = head;
    if (ended) this.#finish();
  }

  onResponseData(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(trailers: HeaderList | null): void {
    this.trailers = trailers;
    this.#finish();
  }

  onResponseReset(reset: StreamReset): void {
    this.reset = reset;
    this.#notify();
  }

  onRequestDrain(): void {
    this.drains++;
  }

  onUpgrade(head: ResponseHead, tunnel: Tunnel): void {
    this.head = head;
    this.tunnel = tunnel;
    this.#notify();
  }

  #finish(): void {
    this.ended = true;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}

/** A request in origin form for the host `a.example`. */
export function requestHead(method: string, path: string, more: Partial<RequestHead> = {}): RequestHead {
  return {
    method,
    path,
    scheme: 'http',
    authority: undefined,
    version: '1.1',
    form: 'origin',
    headers: ['host', 'a.example'],
    contentLength: 0,
    wantsUpgrade: false,
    ...more,
  };
}
