import type { IncomingMessage, ServerResponse } from 'node:http';
import http from 'node:http';
import type { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { FakeConnection } from './fake-connection.builder.ts';
import { Http1Pool } from './pool.ts';
import { RecordingListener, responseHead } from './recording-listener.builder.ts';
import { RecordedResponse, requestHead } from './recording-response.builder.ts';
import { Http1ServerConnection } from './server-connection.ts';
import { http1ServerOptions } from './server-options.ts';

/** What a server makes of some bytes: the requests it hears, in order. */
export interface Heard {
  readonly method: string;
  readonly url: string;
  readonly fields: string[];
  readonly body: string;
}

export async function heardByNode(bytes: string): Promise<Heard[]> {
  const requests: Heard[] = [];
  const server = http.createServer({ insecureHTTPParser: false, requireHostHeader: true });
  const hear = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    const names = request.rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text));
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      requests.push({
        method: String(request.method),
        url: originForm(String(request.url)),
        fields: names,
        body: text,
      });
      response.end();
    });
  };
  server.on('request', hear);
  // What is expected is for the application to judge.
  server.on('checkExpectation', hear);
  const [near, far] = duplexPair();
  server.emit('connection', far as unknown as Socket);
  near.resume();
  near.write(Buffer.from(bytes, 'latin1'));
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
  near.destroy();
  far.destroy();
  return requests;
}

/** Of a target in absolute form, what the proxy passes on. */
function originForm(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]+/i, '');
  return path === target || path.startsWith('/') ? path : `/${path}`;
}

/** The requests heard here, and how many bytes it took to hear them. */
export function heardHere(bytes: string): { requests: Heard[]; taken: number } {
  const connection = new FakeConnection();
  const requests: Heard[] = [];
  let fed = 0;
  let taken = 0;
  let comparable = true;
  const recording = new RecordingListener(({ head, body: text, stream }) => {
    stream.writeHead(responseHead(200), true);
    // Node knows only the methods on its list; from the first other one on there is nothing to compare.
    // So does CONNECT, behind which there is no HTTP.
    comparable &&= http.METHODS.includes(head.method) && head.method !== 'CONNECT';
    if (!comparable) return;
    requests.push({ method: head.method, url: head.path, fields: head.headers, body: text });
    taken = fed;
  });
  new Http1ServerConnection(connection, http1ServerOptions(), recording.listen);
  for (const byte of bytes) {
    fed++;
    connection.receive(byte);
  }
  connection.receiveClose();
  return { requests, taken };
}

/** What a client makes of what is said to its one GET; null when it is no whole answer to it. */
export interface HeardAnswer {
  readonly status: number;
  readonly fields: string[];
  readonly body: string;
}

/** `closed`: the connection ends behind the bytes. */
export async function answerHeardByNode(bytes: string, closed: boolean): Promise<HeardAnswer | null> {
  const [near, far] = duplexPair();
  let heard: HeardAnswer | null = null;
  const request = http.request({ createConnection: () => near as unknown as Socket, path: '/' });
  request.on('error', () => {});
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    const fields = response.rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text));
    response.on('error', () => {});
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1');
      if (response.complete) heard = { status: response.statusCode ?? 0, fields, body };
    });
  });
  request.end();
  far.resume();
  await turns(2);
  far.write(Buffer.from(bytes, 'latin1'));
  if (closed) far.end();
  await turns(8);
  near.destroy();
  far.destroy();
  return heard;
}

/** The answer heard here, and how many bytes it took. */
export async function answerHeardHere(
  bytes: string,
  closed: boolean,
): Promise<{ heard: HeardAnswer | null; taken: number }> {
  const connection = new FakeConnection();
  const pool = new Http1Pool(async () => connection);
  const response = new RecordedResponse();
  pool.request(requestHead('GET', '/', { headers: ['host', 'a'] }), true, response);
  await turns(1);
  let taken = 0;
  for (const byte of bytes) {
    if (response.over) break;
    taken++;
    connection.receive(byte);
  }
  if (!response.over && closed) connection.receiveEnd();
  pool.close();
  const { head, body, ended } = response;
  const heard = head === null || !ended ? null : { status: head.status, fields: head.headers, body };
  return { heard, taken };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
