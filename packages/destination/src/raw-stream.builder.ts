import { type ClientHttp2Session, connect } from 'node:http2';
import {
  create,
  type DescMethod,
  type DescMethodServerStreaming,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';

type Streaming = DescMethod & DescMethodServerStreaming;

/** A gRPC stream spoken by hand, so that a test decides when it reads. */
export interface RawStream<M extends Streaming> {
  readonly messages: MessageShape<M['output']>[];
  /** The status, once the stream has ended. */
  status: number | undefined;
}

export interface ConnectionOptions {
  /** Bytes a stream may be sent before it has read any; 0 for one that never reads. */
  readonly window?: number;
}

/** An HTTP/2 connection to a gRPC server in plain text. */
export function rawConnection(address: string, { window }: ConnectionOptions = {}): ClientHttp2Session {
  const session = connect(
    `http://${address}`,
    window === undefined ? {} : { settings: { initialWindowSize: window } },
  );
  session.on('error', () => {});
  return session;
}

const framed = (message: Uint8Array): Buffer => {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
};

/** Opens a stream; each message is kept, and told to `onMessage`. */
export function rawStream<M extends Streaming>(
  session: ClientHttp2Session,
  method: M,
  request: MessageInitShape<M['input']> | Uint8Array,
  onMessage: (message: MessageShape<M['output']>) => void = () => {},
): RawStream<M> {
  const path = `/${method.parent.typeName}/${method.name}`;
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const state: RawStream<M> = { messages: [], status: undefined };
  let buffered: Buffer = Buffer.alloc(0);
  const status = (headers: Record<string, unknown>) => {
    if (headers['grpc-status'] !== undefined) state.status = Number(headers['grpc-status']);
  };
  stream.on('response', status);
  stream.on('trailers', status);
  stream.on('error', () => {});
  stream.on('data', (data: Buffer) => {
    buffered = buffered.length === 0 ? data : Buffer.concat([buffered, data]);
    while (buffered.length >= 5 && buffered.length >= 5 + buffered.readUInt32BE(1)) {
      const end = 5 + buffered.readUInt32BE(1);
      const message = fromBinary(method.output as M['output'], buffered.subarray(5, end));
      state.messages.push(message);
      onMessage(message);
      buffered = buffered.subarray(end);
    }
  });
  const input = method.input as M['input'];
  const bytes =
    request instanceof Uint8Array
      ? request
      : toBinary(input, create(input, request as MessageInitShape<M['input']>));
  stream.end(framed(bytes));
  return state;
}
