import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { HeaderList, RequestHead } from '../http/message.ts';
import { Http2ClientConnection } from '../http2/client-connection.ts';
import { HeardRequest } from '../http2/exchange.builder.ts';
import { Http2ServerConnection } from '../http2/server-connection.ts';
import { type MemoryConnection, memoryConnectionPair } from '../transport/memory-connection.builder.ts';
import { frameMessage } from './framing.ts';
import { OneConnection } from './one-connection.ts';

export { OneConnection };

const grpcHeaders = ['content-type', 'application/grpc'];

/** A call as a server sees it, and the way to answer it. */
export class ReceivedCall {
  readonly request: HeardRequest;
  #started = false;

  constructor(request: HeardRequest) {
    this.request = request;
  }

  get head(): RequestHead {
    return this.request.head;
  }

  message<I extends DescMessage>(schema: I): MessageShape<I> {
    return fromBinary(schema, Buffer.concat(this.request.chunks).subarray(5));
  }

  send<O extends DescMessage>(schema: O, message: MessageInitShape<O>): void {
    this.sendBytes(frameMessage(toBinary(schema, create(schema, message))));
  }

  sendBytes(bytes: Buffer): void {
    this.#start();
    this.request.stream.writeData(bytes);
  }

  /** Ends with trailers, whether or not anything was sent. */
  end(code = 0, message?: string): void {
    this.#start();
    this.request.stream.end(statusFields(code, message));
  }

  /** Answers with a status and nothing else. */
  refuse(code: number, message?: string): void {
    const headers = [...grpcHeaders, ...statusFields(code, message)];
    this.request.stream.writeHead({ status: 200, version: '2', headers, contentLength: -1 }, true);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    const headers = grpcHeaders.slice();
    this.request.stream.writeHead({ status: 200, version: '2', headers, contentLength: -1 }, false);
  }
}

function statusFields(code: number, message: string | undefined): HeaderList {
  return ['grpc-status', String(code), ...(message === undefined ? [] : ['grpc-message', message])];
}

/** A server of gRPC in memory; `answer` is called when a request is complete. */
export class GrpcServer {
  readonly calls: ReceivedCall[] = [];
  readonly connections: MemoryConnection[] = [];
  answer: (call: ReceivedCall) => void = () => {};

  /** The client's end of a new connection. */
  connect(): MemoryConnection {
    const [left, right] = memoryConnectionPair();
    new Http2ServerConnection(right, {}, (head, ended, stream) => {
      const request = new HeardRequest(head, ended, stream);
      const call = new ReceivedCall(request);
      request.onEnded = () => {
        this.calls.push(call);
        this.answer(call);
      };
      return request;
    });
    this.connections.push(right);
    return left;
  }
}

export function transportTo(server: GrpcServer): OneConnection {
  return new OneConnection(new Http2ClientConnection(server.connect()));
}
