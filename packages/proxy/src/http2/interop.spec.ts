import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../property-runs.builder.ts';
import { connectionOver } from '../transport/socket-pair.builder.ts';
import { Http2ClientConnection } from './client-connection.ts';
import { HeardRequest, HeardResponse, requestHead } from './exchange.builder.ts';
import { Http2ServerConnection } from './server-connection.ts';

const fieldName = fc.stringMatching(/^x-[a-z0-9]{1,12}$/);
const fieldValue = fc.stringMatching(/^[!-~]([ -~]{0,60}[!-~])?$/);
const fields = fc.dictionary(fieldName, fieldValue, { maxKeys: 12, noNullPrototype: true });
const chunks = fc.array(fc.oneof(fc.nat(300), fc.nat(40_000), fc.constant(150_000)), { maxLength: 6 });
const message = fc.record({ path: fc.stringMatching(/^\/[a-z0-9/?=&]{0,60}$/), fields, chunks });
type Message = { path: string; fields: Record<string, string>; chunks: number[] };

function filled(size: number, seed: number): Buffer {
  return Buffer.alloc(size, `${seed},`);
}

function bodyOf(sizes: readonly number[]): Buffer {
  return Buffer.concat(sizes.map((size, i) => filled(size, i)));
}

function listening(server: net.Server | http2.Http2Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  return once(server, 'listening').then(() => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  });
}

describe('our server and the client of node:http2', () => {
  let port = 0;
  let client: http2.ClientHttp2Session;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const connection = connectionOver(socket);
    new Http2ServerConnection(connection, {}, (head, ended, stream) => {
      const request = new HeardRequest(head, ended, stream);
      const echo = (trailers: string[] | null) => {
        const body = Buffer.concat(request.chunks);
        const headers = head.headers.slice();
        headers.push('x-path', head.path);
        stream.writeHead({ status: 200, version: '2', headers, contentLength: -1 }, false);
        for (let at = 0; at < body.length; at += 50_000) stream.writeData(body.subarray(at, at + 50_000));
        stream.end(trailers);
      };
      request.onEnded = () => echo(['x-bytes', String(Buffer.concat(request.chunks).length)]);
      if (ended) echo(null);
      return request;
    });
  });

  beforeAll(async () => {
    port = await listening(server);
    client = http2.connect(`http://127.0.0.1:${port}`);
    await once(client, 'connect');
  });

  afterAll(() => {
    client.close();
    server.close();
  });

  async function exchange({ path, fields, chunks }: Message) {
    const request = client.request({ ':method': 'POST', ':path': path, ...fields }, { endStream: false });
    let headers: http2.IncomingHttpHeaders = {};
    let trailers: http2.IncomingHttpHeaders = {};
    request.on('response', (received) => {
      headers = received;
    });
    request.on('trailers', (received) => {
      trailers = received;
    });
    for (const [i, size] of chunks.entries()) request.write(filled(size, i));
    request.end();
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk);
    return { headers, trailers, body: Buffer.concat(body) };
  }

  it('understand each other, many messages at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 8 }), async (messages) => {
        const heard = await Promise.all(messages.map(exchange));
        for (const [i, { headers, trailers, body }] of heard.entries()) {
          const sent = messages[i]!;
          expect(headers).toMatchObject({ ...sent.fields, 'x-path': sent.path });
          expect(body.equals(bodyOf(sent.chunks))).toBe(true);
          expect(trailers['x-bytes']).toBe(String(body.length));
        }
      }),
      { ...propertyRuns(40), endOnFailure: true },
    );
  });
});

describe('our client and the server of node:http2', () => {
  const server = http2.createServer({ settings: { maxConcurrentStreams: 3 } });
  let client: Http2ClientConnection;

  beforeAll(async () => {
    server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
      const own = Object.entries(headers).filter(([name]) => name.startsWith('x-'));
      stream.respond(
        { ...Object.fromEntries(own), 'x-path': headers[':path'] },
        { waitForTrailers: true, endStream: false },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-done': 'yes' }));
      stream.on('error', () => {});
      stream.pipe(stream);
    });
    const port = await listening(server);
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    client = new Http2ClientConnection(connectionOver(socket));
    // Until the server has said its limit, more than it takes may be sent and refused.
    await exchange({ path: '/', fields: {}, chunks: [] });
  });

  afterAll(() => {
    client.drain();
    server.close();
  });

  /** Writes as fast as it may and no faster. */
  function exchange({ path, fields, chunks }: Message): Promise<HeardResponse> {
    const response = new HeardResponse();
    const headers = Object.entries(fields).flat();
    const stream = client.request(requestHead({ method: 'POST', path, headers }), false, response);
    let next = 0;
    const write = () => {
      while (next < chunks.length) {
        const i = next++;
        if (!stream.writeData(filled(chunks[i]!, i))) return;
      }
      if (next++ === chunks.length) stream.end(null);
    };
    response.onDrain = write;
    write();
    return response.over.then(() => response);
  }

  it('understand each other, more messages at a time than the server lets', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 8 }), async (messages) => {
        const heard = await Promise.all(messages.map(exchange));
        for (const [i, response] of heard.entries()) {
          const sent = messages[i]!;
          const pairs = response.head!.headers;
          const received = Object.fromEntries(
            pairs.flatMap((name, at) => (at % 2 === 0 ? [[name, pairs[at + 1]]] : [])),
          );
          expect(received).toMatchObject({ ...sent.fields, 'x-path': sent.path });
          expect(Buffer.concat(response.chunks).equals(bodyOf(sent.chunks))).toBe(true);
          expect(response.trailers).toEqual(['x-done', 'yes']);
        }
      }),
      { ...propertyRuns(40), endOnFailure: true },
    );
  });
});
