import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What the application was asked, as it saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly version: string;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bodyBytes: number;
  readonly bodyHash: string;
}

export const hashOf = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** Bytes that tell by their place whether they were lost, doubled or moved. */
export function patterned(bytes: number): Buffer {
  const pattern = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) pattern.writeUInt32BE(at, at);
  return pattern;
}

async function seen(request: IncomingMessage): Promise<Seen> {
  const body = await buffer(request);
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    version: request.httpVersion,
    headers: request.headers,
    bodyBytes: body.length,
    bodyHash: hashOf(body),
  };
}

/** An application with an answer of every kind; without a path of its own a request is told how it looked. */
export function everyKindOfAnswer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://orders');
  switch (url.pathname) {
    case '/chunked':
      response.write('one,');
      setTimeout(() => response.write('two,'), 20);
      setTimeout(() => response.end('three'), 40);
      return;
    case '/until-close':
      response.shouldKeepAlive = false;
      response.useChunkedEncodingByDefault = false;
      response.removeHeader('transfer-encoding');
      response.write('until ');
      response.end('the end');
      return;
    case '/not-modified':
      response.writeHead(304, { etag: '"v1"' }).end();
      return;
    case '/no-content':
      response.writeHead(204).end();
      return;
    case '/big': {
      const body = patterned(Number(url.searchParams.get('bytes')));
      response.setHeader('content-length', body.length).end(body);
      return;
    }
    case '/fault':
      response.writeHead(500, { 'x-fault': 'mine' }).end('at fault');
      return;
    case '/hang-up':
      request.socket.destroy();
      return;
    case '/break-off':
      response.writeHead(200, { 'content-length': '1000' }).write('the first bytes');
      setTimeout(() => request.socket.destroy(), 50);
      return;
    case '/cookies':
      response.setHeader('set-cookie', ['a=1', 'b=2']).end();
      return;
    default:
      void seen(request).then((what) => {
        response.setHeader('content-type', 'application/json').end(JSON.stringify(what));
      });
  }
}
