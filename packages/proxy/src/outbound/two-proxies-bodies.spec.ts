import { createServer, type ServerHttp2Stream } from 'node:http2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Http2ClientConnection } from '../http2/client-connection.ts';
import { HeardResponse, requestHead } from '../http2/exchange.builder.ts';
import { App } from '../inbound/inbound-server.builder.ts';
import { ReadMemory } from '../transport/read-memory.ts';
import { forwardTo } from './backends.builder.ts';
import { httpPolicy } from './outbound.builder.ts';
import { type Connected, TwoProxies } from './two-proxies.builder.ts';

/** Around what is copied rather than passed on, a frame, a record of TLS, a window, and what a read brings at most. */
const EDGES = [1, 512, 1024, 16_375, 16_384, 65_535, 65_536, 66_560, 131_072, 400_000];
const SIZES = EDGES.flatMap((edge) => [edge - 1, edge, edge + 1, edge + 700]).filter((size) => size > 0);

/** Bytes that tell by themselves where they belong. */
function bodyOf(size: number, client: number): Buffer {
  const words = Uint32Array.from({ length: Math.ceil(size / 4) }, (_, at) => (client << 24) | at);
  return Buffer.from(words.buffer).subarray(0, size);
}

/** Answers a body with itself, as it comes or, if it has no length, all of it at its end. */
const echo = () =>
  App.http((request, response) => {
    const length = request.headers['content-length'];
    if (length !== undefined) {
      response.writeHead(200, { 'content-length': length });
      request.pipe(response);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(Buffer.concat(chunks)));
  });

const http2Echo = () => {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  return App.tcp((socket) => void server.emit('connection', socket));
};

const lengthHead = (size: number) => `POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: ${size}\r\n\r\n`;
const CHUNKED_HEAD = 'POST / HTTP/1.1\r\nhost: orders\r\ntransfer-encoding: chunked\r\n\r\n';

function send({ connection }: Connected, body: Buffer, chunkSize: number | null): void {
  connection.write(Buffer.from(chunkSize === null ? lengthHead(body.length) : CHUNKED_HEAD));
  if (chunkSize === null) {
    connection.write(body);
    return;
  }
  for (let at = 0; at < body.length; at += chunkSize) {
    const chunk = body.subarray(at, at + chunkSize);
    connection.write(Buffer.from(`${chunk.length.toString(16)}\r\n`));
    connection.write(chunk);
    connection.write(Buffer.from('\r\n'));
  }
  connection.write(Buffer.from('0\r\n\r\n'));
}

/** The body of the one answer that has come, which has a length. */
async function answered({ heard }: Connected, size: number): Promise<Buffer> {
  const headBytes = () => heard.text.indexOf('\r\n\r\n') + 4;
  await heard.when(({ bytes }) => bytes >= size && bytes >= headBytes() + size);
  const body = Buffer.concat(heard.chunks).subarray(headBytes());
  heard.chunks.length = 0;
  return body;
}

describe('bodies between two proxies, whose memory is given back and filled with something else', () => {
  let world: TwoProxies;
  beforeEach(async () => {
    ReadMemory.onFree = (memory) => void memory.fill(0xdd);
    world = await TwoProxies.start();
  });
  afterEach(async () => {
    await world.close();
    ReadMemory.onFree = null;
  });

  it.each([
    ['a length', null],
    ['chunks of 700 bytes', 700],
    ['chunks of 20 000 bytes', 20_000],
  ])(
    'of HTTP/1 with %s come through whole, of all sizes, several clients at a time',
    async (_, chunkSize) => {
      const { endpoint } = await world.serve(echo());
      const clients = await world.connect(httpPolicy(forwardTo(endpoint)), 4);
      const wrong: string[] = [];
      const ask = async (client: Connected, number: number) => {
        // Each begins elsewhere, so that bodies of different sizes are under way together.
        for (let count = 0; count < SIZES.length; count++) {
          const size = SIZES[(count + number * 11) % SIZES.length]!;
          const body = bodyOf(size, number);
          send(client, body, chunkSize);
          if (!(await answered(client, size)).equals(body)) wrong.push(`${size} bytes of client ${number}`);
        }
      };
      await Promise.all(clients.map(ask));
      expect(wrong).toEqual([]);
    },
  );

  it('of HTTP/2 come through whole, of all sizes, several at a time', async () => {
    const { endpoint } = await world.serve(http2Echo());
    const [client] = await world.connect(httpPolicy(forwardTo(endpoint)));
    const session = new Http2ClientConnection(client!.connection);
    const wrong: string[] = [];
    const ask = async (number: number) => {
      for (let count = 0; count < SIZES.length; count++) {
        const size = SIZES[(count + number * 11) % SIZES.length]!;
        const response = new HeardResponse();
        const head = requestHead({ method: 'POST', authority: 'orders' });
        const stream = session.request(head, false, response);
        const body = bodyOf(size, number);
        stream.writeData(body);
        stream.end(null);
        await response.over;
        if (!Buffer.concat(response.chunks).equals(body)) wrong.push(`${size} bytes of request ${number}`);
      }
    };
    await Promise.all([0, 1, 2, 3].map(ask));
    expect(wrong).toEqual([]);
  });
});
