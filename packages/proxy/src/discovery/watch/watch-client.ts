import type {
  DescMessage,
  DescMethodServerStreaming,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { GrpcStatus } from '../../grpc/status.ts';

/** Hears any number of messages, then exactly one end; nothing after the signal is aborted. */
export interface WatchHandler<T> {
  onMessage(message: T): void;
  onEnd(status: GrpcStatus): void;
}

/** Opens streams from one control-plane service. Limits of time and size are its own. */
export interface WatchClient {
  /** One attempt. Without a connection it ends with UNAVAILABLE rather than wait for ever. */
  watch<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    handler: WatchHandler<MessageShape<O>>,
    signal: AbortSignal,
  ): void;
}
