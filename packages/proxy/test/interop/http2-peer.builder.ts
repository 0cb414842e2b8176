import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One answer, in full. */
export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
}

/** A client with prior knowledge. */
export class Http2Caller {
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
  }

  static async open(ip: string, port: number): Promise<Http2Caller> {
    const session = connect(`http://${ip}:${port}`);
    await once(session, 'connect');
    session.on('error', () => {});
    return new Http2Caller(session);
  }

  open(headers: OutgoingHttpHeaders, endStream = false): ClientHttp2Stream {
    const stream = this.session.request({ ':authority': 'orders', ...headers }, { endStream });
    // Who waits for the answer hears of it.
    return stream.on('error', () => {});
  }

  /** Asks, and rejects when the stream breaks. */
  async ask(headers: OutgoingHttpHeaders, body?: Buffer | string): Promise<Http2Answer> {
    const stream = this.open(headers, body === undefined);
    if (body !== undefined) stream.end(body);
    return answerOf(stream);
  }

  close(): void {
    this.session.destroy();
  }
}

/** Rejects when the stream breaks. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let trailers: IncomingHttpHeaders = {};
  stream.on('trailers', (fields) => {
    trailers = fields;
  });
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
  const body = await buffer(stream);
  if (stream.rstCode !== 0) throw new Error(`reset with ${stream.rstCode}`);
  return { status: headers[':status'] ?? 0, headers, body, trailers };
}

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** An application that speaks HTTP/2 without TLS. */
export class Http2App {
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  private constructor(onStream: OnStream) {
    this.#server = createServer();
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => {}).on('close', () => this.#sessions.delete(session));
    });
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      onStream(stream as ServerHttp2Stream, headers);
    });
  }

  static async start(ip: string, onStream: OnStream): Promise<Http2App> {
    const app = new Http2App(onStream);
    app.#server.listen(0, ip);
    await once(app.#server, 'listening');
    return app;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
  }
}
