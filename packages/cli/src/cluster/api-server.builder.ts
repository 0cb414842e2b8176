import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Json, JsonObject } from '../manifest/json.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Json;
}

/** What a path answers: an object, or a function of the request for anything more. Undefined: not found. */
export type Answers = Readonly<Record<string, Json | ((request: ReceivedRequest) => Json | undefined)>>;

export interface TestApiServer {
  /** `host:port` */
  readonly address: string;
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
}

/** An API server that knows a few paths. It speaks HTTP; the objects are whatever a test makes them. */
export async function startApiServer(answers: Answers): Promise<TestApiServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (message, response) => {
    const url = new URL(message.url ?? '/', 'http://server');
    const request: ReceivedRequest = {
      method: message.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      body: message.headers['content-length'] === undefined ? null : ((await json(message)) as Json),
    };
    requests.push(request);
    const answer = answers[url.pathname];
    const body = typeof answer === 'function' ? answer(request) : answer;
    const missing: JsonObject = {
      kind: 'Status',
      code: 404,
      reason: 'NotFound',
      message: `no ${url.pathname}`,
    };
    const status =
      body === undefined
        ? 404
        : (body as JsonObject).kind === 'Status'
          ? Number((body as JsonObject).code)
          : 200;
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? missing));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
