import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../property-runs.builder.ts';
import { connectTcp } from '../transport/connect-tcp.ts';
import type { Listener } from '../transport/listener.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import { heardByNode, heardHere } from './oracle.builder.ts';
import { Http1Pool } from './pool.ts';
import { type RecordedRequest, RecordingListener } from './recording-listener.builder.ts';
import { RecordedResponse, requestHead } from './recording-response.builder.ts';
import { Http1ServerConnection } from './server-connection.ts';
import { http1ServerOptions } from './server-options.ts';

/** Names that are nobody's business, values as they may lie on the wire. */
const field = fc.tuple(
  fc.stringMatching(/^x-[a-z0-9_.-]{0,12}$/),
  fc.stringMatching(/^([!-~]([ -~]{0,20}[!-~])?)?$/),
);
const fields = fc.uniqueArray(field, { maxLength: 12, selector: ([name]) => name });
const path = fc.stringMatching(/^\/[a-zA-Z0-9/?&=%._~:@!$'()*+,;-]{0,60}$/);
const body = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5000 }), { maxLength: 5 });
const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND');

const runs = propertyRuns(60);
const flat = (pairs: [string, string][]) => pairs.flat();
const withoutPrefix = (raw: string[]) => {
  const kept: string[] = [];
  for (let i = 0; i < raw.length; i += 2) if (raw[i].startsWith('x-')) kept.push(raw[i], raw[i + 1]);
  return kept;
};

describe("a request of Node's client", () => {
  let listener: Listener;
  let heard: RecordedRequest[] = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  beforeAll(async () => {
    listener = await listenLoopback();
    const options = http1ServerOptions();
    listener.accept((connection) => {
      const recording = new RecordingListener((request) => {
        heard.push(request);
        const headers = withoutPrefix(request.head.headers);
        const payload = Buffer.concat(request.chunks);
        const framing = request.head.method === 'PUT' ? [] : ['content-length', String(payload.length)];
        const head = {
          status: 200,
          version: '1.1' as const,
          headers: [...headers, ...framing],
          contentLength: -1,
        };
        request.stream.writeHead(head, false);
        request.stream.writeData(payload);
        request.stream.end(null);
      });
      new Http1ServerConnection(connection, options, recording.listen);
    });
  });

  afterAll(() => {
    agent.destroy();
    listener.close();
  });

  it('is heard as it was sent, and answered so that Node understands', async () => {
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        fields,
        body,
        fc.boolean(),
        async (verb, target, pairs, parts, known) => {
          heard = [];
          const whole = Buffer.concat(parts);
          const { port } = listener.address;
          const answer = await new Promise<{ raw: string[]; body: Buffer }>((resolve, reject) => {
            const request = http.request({ port, host: '127.0.0.1', method: verb, path: target, agent });
            for (const [name, value] of pairs) request.setHeader(name, value);
            // Node frames the body of these only when it is told how long it is.
            if (known || /^(GET|DELETE|OPTIONS)$/.test(verb))
              request.setHeader('content-length', whole.length);
            request.on('error', reject);
            request.on('response', (response) => {
              const chunks: Buffer[] = [];
              response.on('data', (chunk: Buffer) => chunks.push(chunk));
              response.on('end', () => resolve({ raw: response.rawHeaders, body: Buffer.concat(chunks) }));
            });
            for (const part of parts) request.write(part);
            request.end();
          });
          expect(heard).toHaveLength(1);
          expect(heard[0].head).toMatchObject({ method: verb, path: target });
          expect(withoutPrefix(heard[0].head.headers)).toEqual(flat(pairs));
          expect(Buffer.concat(heard[0].chunks).equals(whole)).toBe(true);
          expect(withoutPrefix(answer.raw)).toEqual(flat(pairs));
          expect(answer.body.equals(whole)).toBe(true);
        },
      ),
      runs,
    );
  });
});

describe("an exchange with Node's server", () => {
  let server: http.Server;
  let pool: Http1Pool;

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('x-method', String(request.method));
        response.setHeader('x-url', String(request.url));
        response.setHeader('x-seen', JSON.stringify(withoutPrefix(request.rawHeaders)));
        const whole = Buffer.concat(chunks);
        if (request.headers['x-known'] === undefined) {
          response.setHeader('trailer', 'x-length');
          for (const chunk of chunks) response.write(chunk);
          response.addTrailers({ 'x-length': String(whole.length) });
          response.end();
        } else response.setHeader('content-length', whole.length).end(whole);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    pool = new Http1Pool(connectTcp({ ip: '127.0.0.1', port }, { timeoutMs: 1000 }));
  });

  afterAll(() => {
    pool.close();
    server.close();
  });

  it('carries requests and answers unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        fields,
        body,
        fc.boolean(),
        async (verb, target, pairs, parts, known) => {
          const sent = pairs.filter(([name]) => name !== 'x-known');
          if (known) sent.push(['x-known', '1']);
          const whole = Buffer.concat(parts);
          const length = known ? ['content-length', String(whole.length)] : [];
          const head = requestHead(verb, target, { headers: ['host', 'a', ...flat(sent), ...length] });
          const response = new RecordedResponse();
          const ended = parts.length === 0;
          const stream = pool.request(head, ended, response);
          for (const part of parts) stream.writeData(Buffer.from(part));
          if (!ended) stream.end(null);
          await response.finished();
          const headers = response.head?.headers ?? [];
          const value = (name: string) => headers[headers.indexOf(name) + 1];
          expect(response.reset).toBeNull();
          expect([value('x-method'), value('x-url')]).toEqual([verb, target]);
          expect(JSON.parse(value('x-seen'))).toEqual(flat(sent));
          expect(Buffer.concat(response.chunks).equals(whole)).toBe(true);
          if (!known && !ended) expect(response.trailers).toEqual(['x-length', String(whole.length)]);
        },
      ),
      runs,
    );
  });
});

describe('hostile bytes', () => {
  const line = fc.oneof(
    {
      arbitrary: fc.constantFrom('host: a', 'content-length: 3', 'transfer-encoding: chunked', 'x: y'),
      weight: 6,
    },
    {
      arbitrary: fc.constantFrom(
        'content-length: 4',
        'content-length: +3',
        'content-length: 3,3',
        'content-length : 3',
        'transfer-encoding : chunked',
        'transfer-encoding: xchunked',
        'transfer-encoding: chunked, identity',
        'Transfer-Encoding:\tchunked',
        ' folded',
        'x: a\0b',
        'x: a\rb',
        'x: a\nb: c',
        'host: b',
        'no colon here',
        'expect: 100-continue',
        'connection: close',
        'connection: transfer-encoding',
      ),
      weight: 2,
    },
  );
  const ending = fc.oneof(
    { arbitrary: fc.constant('\r\n'), weight: 20 },
    fc.constantFrom('\n', '\r', '\r\r\n', '\n\r'),
  );
  const start = fc.oneof(
    { arbitrary: fc.constantFrom('GET / HTTP/1.1', 'POST /p HTTP/1.1'), weight: 8 },
    fc.constantFrom(
      'GET / HTTP/1.0',
      'GET /  HTTP/1.1',
      'GET\t/ HTTP/1.1',
      'GET / HTTP/1.1 ',
      'GET / HTTP/11',
      'get / HTTP/1.1',
    ),
  );
  const content = fc.oneof(
    { arbitrary: fc.constantFrom('', 'abc', '3\r\nabc\r\n0\r\n\r\n'), weight: 6 },
    fc.constantFrom(
      '0\r\n\r\n',
      '3\nabc\n0\n\n',
      '3 \r\nabc\r\n0\r\n\r\n',
      '3;x\r\nabc\r\n0\r\n\r\n',
      '0x3\r\nabc\r\n0\r\n\r\n',
      '3\r\nabc0\r\n\r\n',
      '0\r\nx: y\r\n\r\n',
    ),
  );
  const message = fc
    .tuple(start, fc.array(line, { maxLength: 4 }), fc.array(ending, { minLength: 6, maxLength: 6 }), content)
    .map(([first, rest, ends, tail]) => {
      const all = [first, 'host: a', ...rest];
      return `${all.map((text, i) => text + ends[i % ends.length]).join('')}\r\n${tail}`;
    });

  it("are never taken for requests that Node's strict parser does not hear in the same way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 3 }), async (messages) => {
        const bytes = messages.join('');
        const { requests, taken } = heardHere(bytes);
        expect(await heardByNode(bytes.slice(0, taken))).toEqual(requests);
      }),
      propertyRuns(400),
    );
  });

  it('of the well-formed kind are heard by both, so that the comparison means something', async () => {
    const bytes =
      'POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc' +
      'POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n';
    const { requests, taken } = heardHere(bytes);
    expect(requests).toHaveLength(3);
    expect(taken).toBe(bytes.length);
    expect(await heardByNode(bytes)).toEqual(requests);
  });

  it('in a real socket are answered and the socket closed', async () => {
    const listener = await listenLoopback();
    const options = http1ServerOptions();
    listener.accept((connection) => {
      const recording = new RecordingListener((request) => request.answer(200));
      new Http1ServerConnection(connection, options, recording.listen);
    });
    const socket = connect(listener.address.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A megabyte of it: the answer must arrive although most of that is never read.
    socket.write(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(1024 * 1024)}`);
    await new Promise((resolve) => socket.on('end', resolve));
    expect(Buffer.concat(chunks).toString('latin1')).toMatch(/^HTTP\/1\.1 431 /);
    socket.destroy();
    listener.close();
  });
});
