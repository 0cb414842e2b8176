import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { HeaderList } from '../http/message.ts';
import { type CallHandler, type CallTransport, callHead, GrpcCall } from './call.ts';
import { frameMessage } from './framing.ts';
import { GrpcError, type GrpcStatus, StatusCode } from './status.ts';

export interface StreamHandler<T> {
  onMessage(message: T): void;
  /** Exactly once, unless the signal was aborted. */
  onEnd(status: GrpcStatus): void;
}

/** Calls the methods of a control-plane service. */
export class GrpcClient {
  readonly #transport: CallTransport;
  readonly #authority: string;
  readonly #metadata: HeaderList;

  /** `authority`: the service's configured address, as requests carry it. `metadata`: sent with every call. */
  constructor(transport: CallTransport, authority: string, metadata: HeaderList = []) {
    this.#transport = transport;
    this.#authority = authority;
    this.#metadata = metadata;
  }

  /** Rejects with a GrpcError, or the signal's reason. */
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    signal: AbortSignal,
  ): Promise<MessageShape<O>> {
    return onlyAnswer(signal, (handler) => this.#start(method, request, signal, handler));
  }

  /** As `unary`, for messages that are written and read elsewhere. */
  unaryBytes(service: string, method: string, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return onlyAnswer<Uint8Array>(signal, (handler) => {
      this.#open(service, method, request, signal, () => handler);
    });
  }

  /** One stream. Nothing is heard of it after the signal is aborted. */
  watch<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    handler: StreamHandler<MessageShape<O>>,
    signal: AbortSignal,
  ): void {
    this.#start(method, request, signal, handler);
  }

  #start<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O> | DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    signal: AbortSignal,
    handler: StreamHandler<MessageShape<O>>,
  ): void {
    const message = toBinary(method.input, create(method.input, request));
    this.#open(method.parent.typeName, method.name, message, signal, (abort) => ({
      onMessage: (bytes) => {
        const answer = decode(method.output, bytes);
        if (answer !== null) handler.onMessage(answer);
        else abort({ code: StatusCode.Internal, message: `the answer is no ${method.output.typeName}` });
      },
      onEnd: (status) => handler.onEnd(status),
    }));
  }

  /** `handlerOf`: who hears of the call, and may end it. */
  #open(
    service: string,
    method: string,
    message: Uint8Array,
    signal: AbortSignal,
    handlerOf: (abort: (status: GrpcStatus) => void) => CallHandler,
  ): void {
    if (signal.aborted) return;
    let takeBack: (() => void) | null = null;
    const stop = () => {
      takeBack?.();
      call.forget();
    };
    const handler = handlerOf((status) => call.abort(status));
    const call = new GrpcCall({
      onMessage: (bytes) => handler.onMessage(bytes),
      onEnd: (status) => {
        signal.removeEventListener('abort', stop);
        handler.onEnd(status);
      },
    });
    signal.addEventListener('abort', stop, { once: true });
    const head = callHead(this.#authority, service, method, this.#metadata);
    takeBack = this.#transport.send(head, frameMessage(message), call);
  }
}

/** The last message of a call that ends well. Rejects with a GrpcError, or the signal's reason. */
function onlyAnswer<T>(signal: AbortSignal, start: (handler: StreamHandler<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let answer: T | null = null;
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    start({
      onMessage: (message) => {
        answer = message;
      },
      onEnd: (status) => {
        signal.removeEventListener('abort', onAbort);
        if (status.code === StatusCode.Ok && answer !== null) resolve(answer);
        else if (status.code === StatusCode.Ok)
          reject(new GrpcError({ code: StatusCode.Internal, message: 'the answer is empty' }));
        else reject(new GrpcError(status));
      },
    });
    if (signal.aborted) onAbort();
  });
}

function decode<O extends DescMessage>(schema: O, bytes: Buffer): MessageShape<O> | null {
  try {
    return fromBinary(schema, bytes);
  } catch {
    return null;
  }
}
