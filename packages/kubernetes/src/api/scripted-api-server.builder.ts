import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient, type ApiClientOptions } from './api-client.ts';
import type { Connection } from './connection.ts';

export interface SeenRequest {
  /** `LIST /api/v1/pods`, `WATCH /api/v1/pods`, `POST /api/…`; a GET of one object is `GET`. */
  readonly target: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void;

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));

/** A refusal as the API server words it. */
export const refusal = (code: number, reason: string, message = '', headers = {}): Answer =>
  json({ kind: 'Status', status: 'Failure', code, reason, message }, code, headers);

export const list = (items: readonly object[], resourceVersion = '1', next = ''): Answer =>
  json({ kind: 'List', metadata: { resourceVersion, continue: next }, items });

/** Accepts the request and never says anything. */
export const silence: Answer = () => {};

export const disconnect: Answer = (response) => void response.socket?.destroy();

/** One watch from the server's side. */
export class OpenWatch {
  readonly request: SeenRequest;
  readonly #response: ServerResponse;

  constructor(request: SeenRequest, response: ServerResponse) {
    this.request = request;
    this.#response = response;
  }

  /** Sends events, all in one write. */
  send(...events: readonly (readonly [type: string, object: object])[]): void {
    this.#response.write(events.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join(''));
  }

  write(text: string): void {
    this.#response.write(text);
  }

  end(): void {
    this.#response.end();
  }

  destroy(): void {
    this.#response.socket?.destroy();
  }
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
};

/** An API server that says what a test tells it, over real HTTP on loopback. */
export class ScriptedApiServer {
  readonly requests: SeenRequest[] = [];
  readonly connection: Connection & { token: string; refreshed: number };
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #answers = new Map<string, Answer[]>();
  readonly #watches = new Map<string, OpenWatch[]>();
  #changed = Promise.withResolvers<void>();

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    const agent = this.#agent;
    this.connection = {
      server: new URL(`http://127.0.0.1:${port}`),
      token: 'first',
      refreshed: 0,
      async credentials() {
        return { agent, headers: { authorization: `Bearer ${this.token}` } };
      },
      refresh() {
        this.refreshed += 1;
      },
    };
  }

  static async start(): Promise<ScriptedApiServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const scripted = new ScriptedApiServer(server);
    server.on('request', (request, response) => void scripted.#serve(request, response));
    return scripted;
  }

  client(options: Partial<ApiClientOptions> = {}): ApiClient {
    return new ApiClient({ connection: this.connection, userAgent: 'weft-test', ...options });
  }

  /** Answers in their order to requests of this target; the last one stays. Without any: 404, watches stay open. */
  on(target: string, ...answers: readonly Answer[]): this {
    this.#answers.set(target, [...answers]);
    return this;
  }

  seen(target: string): readonly SeenRequest[] {
    return this.requests.filter((request) => request.target === target);
  }

  /** Resolves with the watch of this path that was opened as the `nth`, from 1. */
  async watch(path: string, nth = 1): Promise<OpenWatch> {
    for (;;) {
      const watch = this.#watches.get(path)?.[nth - 1];
      if (watch !== undefined) return watch;
      await this.#changed.promise;
    }
  }

  /** Resolves when so many requests of this target have come. */
  async untilSeen(target: string, count = 1): Promise<readonly SeenRequest[]> {
    while (this.seen(target).length < count) await this.#changed.promise;
    return this.seen(target);
  }

  /** Closes every connection that is idle now, without a word. */
  closeIdleConnections(): void {
    this.#server.closeIdleConnections();
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.connection.server);
    const query = Object.fromEntries(searchParams);
    const isList = request.method === 'GET' && (query.limit !== undefined || query.watch !== undefined);
    const verb = query.watch === 'true' ? 'WATCH' : isList ? 'LIST' : request.method;
    const target = `${verb} ${pathname}`;
    const seen = { target, query, headers: request.headers, body: await bodyOf(request) };
    this.requests.push(seen);
    const answers = this.#answers.get(target) ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer !== undefined) answer(response, seen);
    else if (verb === 'WATCH') this.#open(pathname, seen, response);
    else refusal(404, 'NotFound', 'the server could not find the requested resource')(response, seen);
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  #open(path: string, seen: SeenRequest, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    const watches = this.#watches.get(path) ?? [];
    this.#watches.set(path, [...watches, new OpenWatch(seen, response)]);
  }
}
