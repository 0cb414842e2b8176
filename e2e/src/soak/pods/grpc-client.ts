import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { countMessages, frame } from './grpc-frame.ts';
import { lookup } from './names.ts';
import { grpcMethods, streamed } from './settings.ts';
import type { Outcome } from './tally.ts';

const TIMEOUT_MS = 30_000;

/** A connection that is used until it is replaced; calls under way on the old one are finished. */
export class GrpcClient {
  readonly #target: string;
  #session: ClientHttp2Session;

  constructor(target: string) {
    this.#target = target;
    this.#session = this.#connect();
  }

  replaceConnection(): void {
    this.#session.close();
    this.#session = this.#connect();
  }

  /** One message there, the same one back. */
  async unary(bytes: number): Promise<Outcome> {
    const message = frame(Buffer.alloc(bytes, 'u'));
    const answer = await this.#call(grpcMethods.unary, message);
    if (!answer.equals(message)) throw new Error(`the answer has ${answer.length} bytes that were not sent`);
    return 'answered';
  }

  async stream(): Promise<Outcome> {
    const count = countMessages(await this.#call(grpcMethods.stream, frame(Buffer.alloc(0))));
    if (count !== streamed.messages) throw new Error(`${count} messages, not ${streamed.messages}`);
    return 'answered';
  }

  /** Takes the call back after its first message. */
  async cancel(): Promise<Outcome> {
    const stream = this.#open(grpcMethods.stream);
    stream.on('error', () => undefined);
    stream.end(frame(Buffer.alloc(0)));
    stream.once('data', () => stream.close(constants.NGHTTP2_CANCEL));
    await new Promise((resolve) => stream.on('close', resolve));
    return 'aborted';
  }

  async #call(path: string, message: Buffer): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const stream = this.#open(path);
    const parts: Buffer[] = [];
    let status = 'no status';
    const seen = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] === undefined) return;
      status = `${headers['grpc-status']} ${headers['grpc-message'] ?? ''}`;
    };
    stream.on('response', seen);
    stream.on('trailers', seen);
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', reject);
    stream.on('close', () =>
      status.startsWith('0') ? resolve(Buffer.concat(parts)) : reject(new Error(`gRPC ${status}`)),
    );
    stream.setTimeout(TIMEOUT_MS, () => stream.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    stream.end(message);
    return promise;
  }

  #open(path: string): ClientHttp2Stream {
    if (this.#session.closed || this.#session.destroyed) this.#session = this.#connect();
    return this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
  }

  #connect(): ClientHttp2Session {
    const session = connect(this.#target, { lookup });
    session.on('error', () => undefined); // The calls on it tell.
    return session;
  }
}
