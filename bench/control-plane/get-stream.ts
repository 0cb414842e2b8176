import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { Destination, GetDestinationSchema } from '@weft/proto/destination';
import { type CredentialsStore, startMeshTls } from '@weft/service';

const PORT = 8086;
/** Of a gRPC message: a flag and four bytes of length. */
const FRAME_HEAD = 5;

export interface GetStreamOptions {
  /** Of the destination service. */
  readonly address: string;
  readonly serverName: string;
  readonly credentials: CredentialsStore;
  /** Such as `web.shop.svc.cluster.local:8080`. */
  readonly target: string;
  readonly onMessage: (message: Buffer) => void;
}

/** A proxy's `Get` on a connection of its own. Messages stay encoded: thousands of these share one process. */
export class GetStream {
  readonly #session: ClientHttp2Session;
  #unfinished: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;

  private constructor(session: ClientHttp2Session, { target, onMessage, serverName }: GetStreamOptions) {
    this.#session = session;
    const request = session.request(
      {
        ':method': 'POST',
        ':scheme': 'https',
        ':authority': serverName,
        ':path': `/${Destination.typeName}/Get`,
        'content-type': 'application/grpc',
        te: 'trailers',
      },
      { endStream: false },
    );
    const failed = (error: Error) => {
      this.#failure ??= error;
    };
    session.on('error', failed);
    request.on('error', failed);
    request.once('end', () => failed(new Error(`the stream of ${target} has ended`)));
    request.on('data', (chunk: Buffer) => {
      for (const message of this.#messagesOf(chunk)) onMessage(message);
    });
    request.end(
      framed(toBinary(GetDestinationSchema, create(GetDestinationSchema, { scheme: 'k8s', path: target }))),
    );
  }

  static async open(options: GetStreamOptions): Promise<GetStream> {
    const { address, serverName, credentials } = options;
    const socket = connectTcp({ host: address, port: PORT, noDelay: true });
    await once(socket, 'connect');
    const tls = await startMeshTls(socket, { serverName, credentials });
    return new GetStream(connect(`https://${address}`, { createConnection: () => tls }), options);
  }

  /** @throws what ended the stream, if anything has. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    this.#session.destroy();
  }

  #messagesOf(chunk: Buffer): readonly Buffer[] {
    const messages: Buffer[] = [];
    let bytes = this.#unfinished.length === 0 ? chunk : Buffer.concat([this.#unfinished, chunk]);
    while (bytes.length >= FRAME_HEAD) {
      const end = FRAME_HEAD + bytes.readUInt32BE(1);
      if (bytes.length < end) break;
      messages.push(bytes.subarray(FRAME_HEAD, end));
      bytes = bytes.subarray(end);
    }
    this.#unfinished = Buffer.from(bytes);
    return messages;
  }
}

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
