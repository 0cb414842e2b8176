import type {
  DescMessage,
  DescMethodServerStreaming,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';

/** How a stream ended: a gRPC status. */
export interface WatchStatus {
  readonly code: number;
  readonly message: string;
}

/** Hears any number of messages, then exactly one end; nothing after the signal is aborted. */
export interface WatchHandler<T> {
  onMessage(message: T): void;
  onEnd(status: WatchStatus): void;
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

export const invalidArgument = 3;
export const notFound = 5;
export const failedPrecondition = 9;
export const unimplemented = 12;
