import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';

/** What a method answers: one message; a stream stays open after it, as a watch without changes does. */
export type Handler = (request: Uint8Array) => Uint8Array;

/** Pairs a method of a service with its answer. */
export function handler<I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { input: I; output: O },
  answer: (request: MessageShape<I>) => MessageInitShape<O>,
): [path: string, { handle: Handler; streams: boolean }] {
  const handle: Handler = (request) =>
    toBinary(method.output, create(method.output, answer(fromBinary(method.input, request))));
  return [
    `/${method.parent.typeName}/${method.name}`,
    { handle, streams: method.methodKind === 'server_streaming' },
  ];
}

function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function failWith(stream: ServerHttp2Stream, status: number, message: string): void {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': status,
      'grpc-message': encodeURIComponent(message),
    },
    { endStream: true },
  );
}

/** gRPC for a script: plaintext HTTP/2, one request message, one answer. */
export function grpcServer(
  handlers: ReadonlyMap<string, { handle: Handler; streams: boolean }>,
): Http2Server {
  const server = createServer();
  server.on('sessionError', () => undefined);
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const method = handlers.get(String(headers[':path']));
    let received = Buffer.alloc(0);
    let answered = false;
    stream.on('error', () => undefined);
    stream.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      if (answered || received.length < 5 || received.length < 5 + received.readUInt32BE(1)) return;
      answered = true;
      if (method === undefined) return failWith(stream, 12, `no method ${headers[':path']}`);
      try {
        const answer = method.handle(received.subarray(5, 5 + received.readUInt32BE(1)));
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc' },
          { waitForTrailers: !method.streams },
        );
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        if (method.streams) stream.write(frame(answer));
        else stream.end(frame(answer));
      } catch (error) {
        failWith(stream, 5, String(error));
      }
    });
  });
  return server;
}
