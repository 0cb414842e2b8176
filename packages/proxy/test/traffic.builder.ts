import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface GetOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Announced by its length. */
  readonly body?: string | Buffer;
  /** Reuses connections; each request has one of its own unless told. */
  readonly agent?: Agent;
  /** Milliseconds until the request fails. */
  readonly timeoutMs?: number;
}

/** Asks over HTTP/1.1. Rejects when the connection breaks before the answer is complete. */
export function get(
  ip: string,
  port: number,
  { path = '/', method = 'GET', headers = {}, body, agent, timeoutMs = 10_000 }: GetOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = {
      host: ip,
      port,
      path,
      method,
      headers: { ...headers, ...length },
      agent: agent ?? false,
    };
    const asking = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
    const timer = setTimeout(() => asking.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    asking.on('close', () => clearTimeout(timer));
    asking.on('error', reject);
    asking.end(body);
  });
}

export interface GrpcAnswer {
  /** grpc-status, wherever it was. */
  readonly code: string;
  readonly message: string;
  readonly data: string;
  readonly headers: IncomingHttpHeaders;
}

/** Calls over HTTP/2 as a gRPC client would, with one message. Rejects when the stream breaks. */
export function call(
  ip: string,
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<GrpcAnswer> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://${ip}:${port}`);
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const chunks: Buffer[] = [];
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (fields) => {
      head = fields;
    });
    stream.on('trailers', (fields) => {
      trailers = fields;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', (error) => {
      session.destroy();
      reject(error);
    });
    stream.on('end', () => {
      session.close();
      const field = (name: string) => String(head[name] ?? trailers[name] ?? '');
      const data = Buffer.concat(chunks).toString('latin1');
      resolve({ code: field('grpc-status'), message: field('grpc-message'), data, headers: head });
    });
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
  });
}

/** An HTTP/2 server that counts what it is asked. */
export class GrpcServer {
  readonly asked: string[] = [];
  /** What it answers with; OK and its name unless changed. */
  answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  private constructor(name: string) {
    this.answer = (stream) => ok(stream, name);
    this.#server = createHttp2Server();
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
    });
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      this.asked.push(String(headers[':path']));
      this.answer(stream as ServerHttp2Stream, headers);
    });
  }

  static async start(ip: string, name = 'hello'): Promise<GrpcServer> {
    const server = new GrpcServer(name);
    await new Promise<void>((resolve) => server.#server.listen(0, ip, resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
  }
}

/** A message, and OK in the trailers. */
export function ok(stream: ServerHttp2Stream, text: string): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(text);
}

/** Nothing but a code: in the head, as most servers do. */
export function failWith(
  stream: ServerHttp2Stream,
  code: number,
  headers: Record<string, string> = {},
): void {
  const status = { 'grpc-status': String(code), ...headers };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
}

/** An HTTP/1 server that counts what it is asked. */
export class HttpServer {
  /** The lines `METHOD path` of all requests. */
  readonly asked: string[] = [];
  /** What it answers with; its name unless changed. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(name: string) {
    this.answer = (_request, response) => void response.end(name);
    this.#server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      this.asked.push(`${request.method} ${request.url}`);
      request.resume();
      this.answer(request, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(ip: string, name = 'hello'): Promise<HttpServer> {
    const server = new HttpServer(name);
    await new Promise<void>((resolve) => server.#server.listen(0, ip, resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A client that asks without pause until it is stopped, over a few connections. */
export class SteadyClient {
  static readonly CONNECTIONS = 4;
  succeeded = 0;
  /** Answers other than 200, broken connections, and requests that took ten seconds. */
  readonly failures: string[] = [];
  /** Milliseconds that each answer took. */
  readonly #latencies: number[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SteadyClient.CONNECTIONS });
  #running = true;
  readonly #done: Promise<unknown>;

  constructor(ip: string, port: number) {
    this.#done = Promise.all(Array.from({ length: SteadyClient.CONNECTIONS }, () => this.#ask(ip, port)));
  }

  /** Milliseconds within which 99 of 100 requests were answered. */
  get p99(): number {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
    this.#agent.destroy();
  }

  async #ask(ip: string, port: number): Promise<void> {
    while (this.#running) {
      const startedAt = performance.now();
      try {
        const { status } = await get(ip, port, { agent: this.#agent });
        this.#latencies.push(performance.now() - startedAt);
        if (status === 200) this.succeeded++;
        else this.failures.push(`status ${status}`);
      } catch (error) {
        this.failures.push(error instanceof Error ? error.message : String(error));
      }
      // A real client thinks; this one must not be the load that the test is about.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

/** A connection that says what no client should. */
export class RawClient {
  text = '';
  closed = false;
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
  }

  static open(ip: string, port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, ip, () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  send(bytes: string | Buffer): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }
}
