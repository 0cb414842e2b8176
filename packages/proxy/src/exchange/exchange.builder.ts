import { PeakEwma } from '../balance/peak-ewma.ts';
import { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import type {
  HttpClient,
  RequestStream,
  ResponseHandler,
  ResponseStream,
  StreamReset,
  Tunnel,
} from '../http/stream.ts';
import { Exchange } from './exchange.ts';
import type { Layer } from './layer.ts';
import { Stack } from './layer.ts';

export function requestHead(over: Partial<RequestHead> = {}): RequestHead {
  return {
    method: 'GET',
    path: '/',
    scheme: 'http',
    authority: undefined,
    version: '1.1',
    form: 'origin',
    headers: ['host', 'app'],
    contentLength: 0,
    wantsUpgrade: false,
    ...over,
  };
}

export function responseHead(status = 200, headers: string[] = []): ResponseHead {
  return { status, version: '1.1', headers, contentLength: -1 };
}

/** A server codec that notes what it is told. */
export class FakeDownstream implements ResponseStream {
  readonly events: string[] = [];
  head: ResponseHead | null = null;
  writable = true;

  writeInformational(head: ResponseHead): void {
    this.events.push(`informational ${head.status}`);
  }
  writeHead(head: ResponseHead, ended: boolean): void {
    this.head = head;
    this.events.push(`head ${head.status}${ended ? ' ended' : ''}`);
  }
  writeData(chunk: Buffer): boolean {
    this.events.push(`data ${chunk}`);
    return this.writable;
  }
  end(trailers: string[] | null): void {
    this.events.push(trailers === null ? 'end' : `end ${trailers.join(' ')}`);
  }
  reset(reset: StreamReset): void {
    this.events.push(reset.kind === 'reset' ? `reset ${reset.code}` : `reset ${reset.kind}`);
  }
  pauseRequest(): void {
    this.events.push('pause');
  }
  resumeRequest(): void {
    this.events.push('resume');
  }
  acceptUpgrade(_head: ResponseHead): Tunnel {
    throw new Error('no upgrade in this test');
  }
  closeAfter(): void {
    this.events.push('close-after');
  }
}

/** A client codec that notes what it is told; tests answer through `handler`. */
export class FakeClient implements HttpClient, RequestStream {
  readonly events: string[] = [];
  ready = true;
  onReadyChange: ((ready: boolean) => void) | null = null;
  handler: ResponseHandler | null = null;
  /** Of every request so far. */
  readonly handlers: ResponseHandler[] = [];
  writable = true;

  warm(): void {}
  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    this.handler = handler;
    this.handlers.push(handler);
    this.events.push(`${head.method} ${head.path}${ended ? ' ended' : ''}`);
    return this;
  }
  writeData(chunk: Buffer): boolean {
    this.events.push(`data ${chunk}`);
    return this.writable;
  }
  end(): void {
    this.events.push('end');
  }
  reset(reset: StreamReset): void {
    this.events.push(reset.kind === 'reset' ? `reset ${reset.code}` : `reset ${reset.kind}`);
  }
  pauseResponse(): void {
    this.events.push('pause');
  }
  resumeResponse(): void {
    this.events.push('resume');
  }
  close(): void {
    this.events.push('close');
  }
}

export class PlainExchange extends Exchange {
  override get informational(): boolean {
    return true;
  }
}

export function exchangeOf(
  layers: Layer<PlainExchange>[],
  over: { head?: Partial<RequestHead>; ended?: boolean } = {},
) {
  const downstream = new FakeDownstream();
  const exchange = new PlainExchange(
    new Stack<PlainExchange>(layers) as Stack<never>,
    requestHead(over.head),
    over.ended ?? true,
    downstream,
  );
  return { exchange, downstream };
}

export function endpointOf(client: HttpClient): HttpEndpoint<string> {
  return new HttpEndpoint(
    'e',
    'info',
    client,
    new PeakEwma(30, 10_000, 0),
    () => {},
    () => {},
  );
}
