import { once } from 'node:events';
import type { ClientHttp2Stream, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Http2Caller } from './http2-peer.builder.ts';

/** A message of gRPC with its prefix: not compressed, so many bytes. */
export function framed(message: string): Buffer {
  const bytes = Buffer.from(message);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

/** The messages in a stream of bytes. */
export async function* messagesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      yield rest.toString('utf8', 5, end);
      rest = rest.subarray(end);
    }
  }
}

export interface Finished {
  readonly code: string;
  readonly message: string;
  readonly messages: string[];
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
}

/** One call of a client. */
export class Call {
  readonly stream: ClientHttp2Stream;
  readonly messages: AsyncGenerator<string>;
  #headers: IncomingHttpHeaders = {};
  #trailers: IncomingHttpHeaders = {};

  constructor(caller: Http2Caller, method: string, metadata: Record<string, string> = {}) {
    this.stream = caller.open({
      ':method': 'POST',
      ':path': `/interop.Test/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...metadata,
    });
    this.stream.on('response', (headers) => {
      this.#headers = headers;
    });
    this.stream.on('trailers', (headers) => {
      this.#trailers = headers;
    });
    this.messages = messagesOf(this.stream);
  }

  send(...messages: string[]): this {
    for (const message of messages) this.stream.write(framed(message));
    return this;
  }

  end(): this {
    this.stream.end();
    return this;
  }

  async next(): Promise<string | undefined> {
    const { value, done } = await this.messages.next();
    return done ? undefined : value;
  }

  /** All messages that come, and how it ends. */
  async finish(): Promise<Finished> {
    const messages: string[] = [];
    for await (const message of this.messages) messages.push(message);
    const field = (name: string) => String(this.#trailers[name] ?? this.#headers[name] ?? '');
    const status = { code: field('grpc-status'), message: decodeURIComponent(field('grpc-message')) };
    return { ...status, messages, headers: this.#headers, trailers: this.#trailers };
  }

  async cancel(): Promise<void> {
    const closed = once(this.stream, 'close');
    this.stream.close(8);
    await closed;
  }
}

/** What the application heard of calls that were given up: their resets' codes. */
export const cancelled: number[] = [];

/** The metadata of the last call. */
export let lastMetadata: IncomingHttpHeaders = {};

/** A service with a method of every kind. */
export function testService(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  lastMetadata = headers;
  stream.on('close', () => {
    if (stream.rstCode !== 0) cancelled.push(stream.rstCode);
  });
  const method = String(headers[':path']).replace('/interop.Test/', '');
  // A stream that breaks has nobody left to answer.
  run(method, stream).catch(() => {});
}

async function run(method: string, stream: ServerHttp2Stream): Promise<void> {
  const messages = messagesOf(stream);
  const next = async () => String((await messages.next()).value);
  switch (method) {
    case 'Unary':
      begin(stream, '0');
      stream.end(framed(`re: ${await next()}`));
      return;
    case 'ServerStream': {
      begin(stream, '0');
      const count = Number(await next());
      for (let i = 0; i < count; i++) stream.write(framed(`${i}`));
      stream.end();
      return;
    }
    case 'ClientStream': {
      const all: string[] = [];
      for await (const message of messages) all.push(message);
      begin(stream, '0');
      stream.end(framed(all.join('+')));
      return;
    }
    case 'Bidi':
      begin(stream, '0');
      for await (const message of messages) stream.write(framed(`re: ${message}`));
      stream.end();
      return;
    case 'FailAtOnce':
      stream.respond(
        {
          ':status': 200,
          'content-type': 'application/grpc',
          'grpc-status': '5',
          'grpc-message': 'no%20such',
        },
        { endStream: true },
      );
      return;
    case 'FailLate':
      begin(stream, '13', 'half%20way');
      stream.end(framed('one'));
      return;
    default:
      // Waits for ever.
      begin(stream, '0');
      stream.write(framed('waiting'));
  }
}

function begin(stream: ServerHttp2Stream, code: string, message?: string): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  const status = { 'grpc-status': code, ...(message === undefined ? {} : { 'grpc-message': message }) };
  stream.on('wantTrailers', () => stream.sendTrailers({ ...status, 'x-cost': '3' }));
}
