import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import { GetDestinationSchema } from '@weft/proto/destination';

/** Streams of discovery that are opened and then never read. */
export class SilentReaders {
  readonly #session: ClientHttp2Session;
  readonly #streams: readonly ClientHttp2Stream[];

  private constructor(session: ClientHttp2Session, streams: readonly ClientHttp2Stream[]) {
    this.#session = session;
    this.#streams = streams;
  }

  static async open(target: string, path: string, count: number): Promise<SilentReaders> {
    const session = connect(`http://${target}`);
    session.on('error', () => undefined);
    await once(session, 'connect');
    const message = toBinary(GetDestinationSchema, create(GetDestinationSchema, { path }));
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    const streams = Array.from({ length: count }, () => {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/io.linkerd.proxy.destination.Destination/Get',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.on('error', () => undefined);
      stream.end(Buffer.concat([head, message]));
      return stream; // Nobody listens for its data: it stays in the server once the window is used up.
    });
    await Promise.all(streams.map((stream) => once(stream, 'response')));
    return new SilentReaders(session, streams);
  }

  get open(): number {
    return this.#streams.filter(({ closed, destroyed }) => !closed && !destroyed).length;
  }

  close(): void {
    this.#session.destroy();
  }
}
