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
import { type CallTransport, callHead, GrpcCall } from './call.ts';
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
    return new Promise((resolve, reject) => {
      let answer: MessageShape<O> | null = null;
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#start(method, request, signal, {
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
    if (signal.aborted) return;
    let takeBack: (() => void) | null = null;
    const stop = () => {
      takeBack?.();
      call.forget();
    };
    const call = new GrpcCall({
      onMessage: (bytes) => {
        const message = decode(method.output, bytes);
        if (message !== null) handler.onMessage(message);
        else call.abort({ code: StatusCode.Internal, message: `the answer is no ${method.output.typeName}` });
      },
      onEnd: (status) => {
        signal.removeEventListener('abort', stop);
        handler.onEnd(status);
      },
    });
    signal.addEventListener('abort', stop, { once: true });
    const body = frameMessage(toBinary(method.input, create(method.input, request)));
    const head = callHead(this.#authority, method.parent.typeName, method.name, this.#metadata);
    takeBack = this.#transport.send(head, body, call);
  }
}

function decode<O extends DescMessage>(schema: O, bytes: Buffer): MessageShape<O> | null {
  try {
    return fromBinary(schema, bytes);
  } catch {
    return null;
  }
}
