/**
 * What a request costs in the HTTP/2 codec alone: both ends in this process over a connection in memory.
 *
 *     node --max-semi-space-size=64 bench/http2.ts [requests] [body bytes] [streams]
 *
 * A profile: add --cpu-prof --cpu-prof-dir=/tmp.
 */
import type { HeaderList, RequestHead, ResponseHead } from '../src/http/message.ts';
import type { RequestHandler, ResponseHandler } from '../src/http/stream.ts';
import { Http2ClientConnection } from '../src/http2/client-connection.ts';
import { Http2ServerConnection } from '../src/http2/server-connection.ts';
import { memoryConnectionPair } from '../src/transport/memory-connection.builder.ts';

const [requests = 200_000, bodySize = 128, streams = 50] = process.argv.slice(2).map(Number);
const body = Buffer.alloc(bodySize, 'x');

const ignoring: RequestHandler = {
  onRequestData() {},
  onRequestEnd() {},
  onRequestReset() {},
  onResponseDrain() {},
};

function responseHead(): ResponseHead {
  const headers: HeaderList = [
    ...['content-type', 'application/octet-stream', 'content-length', String(bodySize)],
    ...['date', 'Thu, 01 Jan 2026 00:00:00 GMT', 'server', 'backend', 'l5d-orig-proto', 'HTTP/1.1'],
  ];
  return { status: 200, version: '2', headers, contentLength: bodySize };
}

function requestHead(): RequestHead {
  const headers: HeaderList = [
    ...['host', 'web.shop.svc.cluster.local', 'user-agent', 'wrk/4.2', 'accept', '*/*'],
    ...['l5d-orig-proto', 'HTTP/1.1', 'l5d-dst-canonical', 'web.shop.svc.cluster.local:80'],
  ];
  return {
    method: 'GET',
    path: '/orders/today',
    scheme: 'http',
    authority: 'web.shop.svc.cluster.local',
    version: '2',
    form: 'origin',
    headers,
    contentLength: -1,
    wantsUpgrade: false,
  };
}

/** One caller: asks again as soon as it is answered. */
class Caller implements ResponseHandler {
  static left = 0;
  static finished: (() => void) | null = null;
  static open = 0;
  readonly client: Http2ClientConnection;

  constructor(client: Http2ClientConnection) {
    this.client = client;
  }

  ask(): void {
    if (Caller.left-- > 0) this.client.request(requestHead(), true, this);
    else if (--Caller.open === 0) Caller.finished?.();
  }

  onInformational(): void {}
  onResponseHead(): void {}
  onResponseData(): void {}
  onResponseEnd(): void {
    this.ask();
  }
  onResponseReset(): void {
    throw new Error('reset');
  }
  onRequestDrain(): void {}
  onUpgrade(): void {}
}

function run(client: Http2ClientConnection, count: number): Promise<void> {
  Caller.left = count;
  Caller.open = streams;
  return new Promise((resolve) => {
    Caller.finished = resolve;
    for (let i = 0; i < streams; i++) new Caller(client).ask();
  });
}

const [left, right] = memoryConnectionPair({ highWaterMark: 1024 * 1024 });
right.keepWritten = false;
left.keepWritten = false;
new Http2ServerConnection(right, {}, (_head, _ended, stream) => {
  stream.writeHead(responseHead(), false);
  stream.writeData(body);
  stream.end(null);
  return ignoring;
});
const client = new Http2ClientConnection(left);

await run(client, requests / 4);
const rates: number[] = [];
for (let round = 0; round < 5; round++) {
  const started = performance.now();
  await run(client, requests / 5);
  rates.push(requests / 5 / ((performance.now() - started) / 1000));
}
rates.sort((a, b) => a - b);

/** Bytes of heap a request takes, seen between two collections. */
const sizes: number[] = [];
for (let round = 0; round < 20; round++) {
  const before = process.memoryUsage().heapUsed;
  await run(client, 1000);
  const used = process.memoryUsage().heapUsed - before;
  if (used > 0) sizes.push(used / 1000);
}
sizes.sort((a, b) => a - b);

const rate = rates[2];
console.log(
  JSON.stringify({
    requestsPerSecond: Math.round(rate),
    microsecondsPerRequest: Number((1e6 / rate).toFixed(2)),
    heapBytesPerRequest: Math.round(sizes[sizes.length >> 1] ?? Number.NaN),
  }),
);
client.drain();
