import {
  create,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { ChannelCredentials, Client, Metadata, type CallOptions as RawOptions } from '@grpc/grpc-js';
import type { MeshTlsClientOptions } from '../tls/mesh-tls-client.ts';
import { MeshChannelCredentials } from './mesh-channel-credentials.ts';
import { rawMethod } from './service-definition.ts';
import { fromGrpcError } from './status.ts';

export interface GrpcClientOptions {
  /** `host:port`. */
  readonly target: string;
  /** Mesh TLS; plain text when absent. */
  readonly tls?: MeshTlsClientOptions;
  /** Largest answer, in bytes; 4 MiB by default. */
  readonly maxResponseBytes?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** How long the call may take, in ms; a call without it waits as long as the server does. */
  readonly timeoutMs?: number;
}

type Unary = DescMethodUnary & DescMethod;
type ServerStreaming = DescMethodServerStreaming & DescMethod;

/** A typed gRPC client over one connection, made when first used and again when lost. */
export class GrpcClient {
  readonly #client: Client;

  constructor(options: GrpcClientOptions) {
    const credentials =
      options.tls === undefined
        ? ChannelCredentials.createInsecure()
        : new MeshChannelCredentials(options.tls);
    this.#client = new Client(options.target, credentials, {
      'grpc.max_receive_message_length': options.maxResponseBytes ?? 4 * 1024 * 1024,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_channelz': 0,
      'grpc.enable_http_proxy': 0,
    });
  }

  /** @throws ServiceError with the code and the text the server answered. */
  async unary<M extends Unary>(
    method: M,
    request: MessageInitShape<M['input']>,
    options: CallOptions = {},
  ): Promise<MessageShape<M['output']>> {
    options.signal?.throwIfAborted();
    const raw = rawMethod(method);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const call = this.#client.makeUnaryRequest(
      raw.path,
      raw.requestSerialize,
      raw.responseDeserialize,
      encode(method, request),
      new Metadata(),
      rawOptions(options),
      (error, bytes) => (error === null ? resolve(bytes ?? new Uint8Array()) : reject(fromGrpcError(error))),
    );
    const cancel = () => call.cancel();
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      return fromBinary(method.output as M['output'], await promise);
    } finally {
      options.signal?.removeEventListener('abort', cancel);
    }
  }

  /** The messages of a stream until it ends; ending the iteration cancels the call. @throws as `unary` does. */
  async *stream<M extends ServerStreaming>(
    method: M,
    request: MessageInitShape<M['input']>,
    options: CallOptions = {},
  ): AsyncGenerator<MessageShape<M['output']>, void, void> {
    options.signal?.throwIfAborted();
    const raw = rawMethod(method);
    const call = this.#client.makeServerStreamRequest(
      raw.path,
      raw.requestSerialize,
      raw.responseDeserialize,
      encode(method, request),
      new Metadata(),
      rawOptions(options),
    );
    const cancel = () => call.cancel();
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      for await (const bytes of call) yield fromBinary(method.output as M['output'], bytes as Uint8Array);
    } catch (error) {
      throw fromGrpcError(error);
    } finally {
      options.signal?.removeEventListener('abort', cancel);
      call.on('error', () => {});
      call.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }
}

function encode<M extends DescMethod>(method: M, request: MessageInitShape<M['input']>): Uint8Array {
  const schema = method.input as M['input'];
  return toBinary(schema, create(schema, request));
}

function rawOptions({ timeoutMs }: CallOptions): RawOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}
