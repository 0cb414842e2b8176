/**
 * What a request costs in the HTTP/1 codec alone: requests come in over connections in memory, are handed
 * from the server's codec to the client's and answered by a peer that knows nothing but its answer. So each
 * request is read, written, and its answer read and written, once.
 *
 *     node --max-semi-space-size=64 bench/http1.ts [requests] [body bytes] [connections]
 *
 * A profile: add --cpu-prof --cpu-prof-dir=/tmp.
 */
import type { RequestHead, ResponseHead } from '../src/http/message.ts';
import type { RequestHandler, RequestStream, ResponseHandler, ResponseStream } from '../src/http/stream.ts';
import { Http1Pool } from '../src/http1/pool.ts';
import { Http1ServerConnection } from '../src/http1/server-connection.ts';
import { http1ServerOptions } from '../src/http1/server-options.ts';
import type { Connection, ConnectionHandler } from '../src/transport/connection.ts';
import { memoryConnectionPair } from '../src/transport/memory-connection.builder.ts';

const [requests = 200_000, bodySize = 128, connections = 50] = process.argv.slice(2).map(Number);

const request = Buffer.from(
  'GET /orders/today HTTP/1.1\r\nHost: web.shop.svc.cluster.local\r\nUser-Agent: wrk/4.2\r\nAccept: */*\r\n\r\n',
);
const response = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bodySize}\r\n` +
    `Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nServer: backend\r\n\r\n${'x'.repeat(bodySize)}`,
);

/** Hands everything on as it comes. */
class Relay implements RequestHandler, ResponseHandler {
  readonly #downstream: ResponseStream;
  readonly #upstream: RequestStream;

  constructor(head: RequestHead, ended: boolean, downstream: ResponseStream) {
    this.#downstream = downstream;
    this.#upstream = pool.request(head, ended, this);
  }

  onRequestData(chunk: Buffer): void {
    this.#upstream.writeData(chunk);
  }
  onRequestEnd(): void {
    this.#upstream.end(null);
  }
  onRequestReset(): void {}
  onResponseDrain(): void {}
  onInformational(): void {}
  onResponseHead(head: ResponseHead, ended: boolean): void {
    this.#downstream.writeHead(head, ended);
  }
  onResponseData(chunk: Buffer): void {
    this.#downstream.writeData(chunk);
  }
  onResponseEnd(): void {
    this.#downstream.end(null);
  }
  onResponseReset(): void {
    throw new Error('reset');
  }
  onRequestDrain(): void {}
  onUpgrade(): void {}
}

/** A peer that counts bytes and writes the same thing each time a message has come whole. */
class Peer implements ConnectionHandler {
  static left = 0;
  static open = 0;
  static finished: (() => void) | null = null;
  readonly #connection: Connection;
  readonly #says: Buffer;
  readonly #asks: boolean;

  constructor(connection: Connection, says: Buffer, asks: boolean) {
    this.#connection = connection;
    this.#says = says;
    this.#asks = asks;
    connection.handler = this;
  }

  /** One connection, one message at a time: what ends like a message is one. */
  onData(chunk: Buffer): void {
    if (chunk[chunk.length - 1] !== (this.#asks ? 0x78 : 0x0a)) return;
    if (this.#asks) this.ask();
    else this.#connection.write(this.#says);
  }

  ask(): void {
    if (Peer.left-- > 0) this.#connection.write(this.#says);
    else if (--Peer.open === 0) Peer.finished?.();
  }

  onEnd(): void {}
  onDrain(): void {}
  onClose(): void {}
}

function quietPair() {
  const [left, right] = memoryConnectionPair({ highWaterMark: 1024 * 1024 });
  left.keepWritten = false;
  right.keepWritten = false;
  return [left, right] as const;
}

const pool = new Http1Pool(async () => {
  const [near, far] = quietPair();
  new Peer(far, response, false);
  return near;
});
const options = http1ServerOptions();
const clients = Array.from({ length: connections }, () => {
  const [near, far] = quietPair();
  new Http1ServerConnection(far, options, (head, ended, stream) => new Relay(head, ended, stream));
  return new Peer(near, request, true);
});

function run(count: number): Promise<void> {
  Peer.left = count;
  Peer.open = clients.length;
  return new Promise((resolve) => {
    Peer.finished = resolve;
    for (const client of clients) client.ask();
  });
}

await run(Math.min(requests, 50_000));
const startedAt = process.hrtime.bigint();
const cpu = process.cpuUsage();
await run(requests);
const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    requestsPerSecond: Math.round(requests / seconds),
    cpuMicrosPerRequest: Number(((user + system) / requests).toFixed(2)),
  }),
);
pool.close();
