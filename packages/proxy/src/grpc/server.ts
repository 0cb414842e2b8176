import {
  type DescMessage,
  type DescMethodServerStreaming,
  fromBinary,
  type MessageShape,
} from '@bufbuild/protobuf';
import { percentEncode } from '../errors/respond.ts';
import { getHeader } from '../http/headers.ts';
import type { HeaderList, RequestHead } from '../http/message.ts';
import type { RequestHandler, RequestListener, ResponseStream, StreamReset } from '../http/stream.ts';
import { frameMessage, MessageReader } from './framing.ts';
import { type GrpcStatus, StatusCode } from './status.ts';

/** Requests above this many bytes are refused. */
const maxRequestBytes = 64 * 1024;

/** One call, for whoever answers it. After `end` and after it has been cancelled nothing leaves any more. */
export interface ServerCall {
  /** Tells the client that it has been heard; the first message does so, too. */
  begin(): void;
  /** False asks to wait for `onDrain`; the message leaves all the same. */
  send(message: Uint8Array): boolean;
  end(status: GrpcStatus): void;
  onDrain: (() => void) | null;
  /** The client has gone. */
  onCancelled: (() => void) | null;
}

/** A method of a service: the path of its calls, and what answers them. */
export interface ServerMethod {
  readonly path: string;
  /** `message`: the request as it came. */
  answer(message: Buffer, call: ServerCall): void;
}

/** A method with one request and a stream of answers. */
export function serverStreaming<I extends DescMessage, O extends DescMessage>(
  method: DescMethodServerStreaming<I, O>,
  answer: (request: MessageShape<I>, call: ServerCall) => void,
): ServerMethod {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    answer(message, call) {
      const request = decode(method.input, message);
      if (request !== null) answer(request, call);
      else call.end({ code: StatusCode.Internal, message: `the request is no ${method.input.typeName}` });
    },
  };
}

function decode<I extends DescMessage>(schema: I, bytes: Buffer): MessageShape<I> | null {
  try {
    return fromBinary(schema, bytes);
  } catch {
    return null;
  }
}

/** Answers gRPC calls of these methods; all others are UNIMPLEMENTED. */
export function grpcListener(methods: readonly ServerMethod[]): RequestListener {
  const byPath = new Map(methods.map((method) => [method.path, method]));
  return (head, ended, stream) => {
    const call = new ReceivedCall(stream, byPath.get(head.path) ?? null);
    if (!isGrpcCall(head)) call.refuse(415);
    else if (ended) call.onRequestEnd();
    return call;
  };
}

const isGrpcCall = ({ method, headers }: RequestHead): boolean =>
  method === 'POST' && (getHeader(headers, 'content-type')?.startsWith('application/grpc') ?? false);

type State = 'reading' | 'answering' | 'streaming' | 'over';

class ReceivedCall implements RequestHandler, ServerCall {
  onDrain: (() => void) | null = null;
  onCancelled: (() => void) | null = null;
  readonly #stream: ResponseStream;
  /** null: there is no such method. */
  readonly #method: ServerMethod | null;
  readonly #reader = new MessageReader(maxRequestBytes);
  #message: Buffer | null = null;
  #state: State = 'reading';

  constructor(stream: ResponseStream, method: ServerMethod | null) {
    this.#stream = stream;
    this.#method = method;
  }

  /** Answers what is no gRPC at all. */
  refuse(httpStatus: number): void {
    this.#state = 'over';
    this.#stream.writeHead(responseHead(httpStatus, ['content-length', '0']), true);
  }

  onRequestData(chunk: Buffer): void {
    if (this.#state !== 'reading') return;
    const problem = this.#reader.read(chunk, (message) => {
      this.#message ??= message;
    });
    if (problem !== null) this.end({ code: StatusCode.ResourceExhausted, message: problem });
  }

  onRequestEnd(): void {
    if (this.#state !== 'reading') return;
    this.#state = 'answering';
    const message = this.#message;
    if (this.#method === null)
      this.end({ code: StatusCode.Unimplemented, message: 'there is no such method' });
    else if (message === null) this.end({ code: StatusCode.Internal, message: 'the call has no request' });
    else this.#method.answer(message, this);
  }

  onRequestReset(_reset: StreamReset): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.onCancelled?.();
  }

  onResponseDrain(): void {
    if (this.#state !== 'over') this.onDrain?.();
  }

  begin(): void {
    if (this.#state !== 'answering') return;
    this.#state = 'streaming';
    this.#stream.writeHead(responseHead(200, contentType()), false);
  }

  send(message: Uint8Array): boolean {
    this.begin();
    return this.#state !== 'streaming' || this.#stream.writeData(frameMessage(message));
  }

  end({ code, message }: GrpcStatus): void {
    if (this.#state === 'over') return;
    const status = ['grpc-status', String(code)];
    if (message !== '') status.push('grpc-message', percentEncode(message));
    const begun = this.#state === 'streaming';
    this.#state = 'over';
    if (begun) this.#stream.end(status);
    else this.#stream.writeHead(responseHead(200, [...contentType(), ...status]), true);
  }
}

const contentType = (): HeaderList => ['content-type', 'application/grpc'];

function responseHead(status: number, headers: HeaderList) {
  return { status, version: '2' as const, headers, contentLength: -1 };
}
