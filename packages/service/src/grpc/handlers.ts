import type {
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Cursor } from './cursor.ts';

/** What a handler may know about the call it answers. */
export interface CallContext {
  /** Aborted when the peer cancels, the deadline passes, the connection is lost or the server shuts down. */
  readonly signal: AbortSignal;
  /** Address of the peer as `ip:port`. */
  readonly peer: string;
  /** The first DNS or URI name of the peer's verified certificate; undefined without mesh TLS or certificate. */
  readonly clientIdentity: string | undefined;
}

/** Answers with a message, or with its bytes when these are already encoded. */
export type UnaryHandler<M extends DescMethodUnary> = (
  request: MessageShape<M['input']>,
  call: CallContext,
) => Promise<MessageShape<M['output']> | Uint8Array>;

/** Answers with a cursor; the adapter owns the stream and pulls from the cursor. */
export type StreamHandler<M extends DescMethodServerStreaming> = (
  request: MessageShape<M['input']>,
  call: CallContext,
) => Cursor | Promise<Cursor>;

/** One handler for every method of a service. Client-streaming methods do not exist in Linkerd's APIs. */
export type Handlers<S extends DescService> = {
  readonly [K in keyof S['method']]: S['method'][K] extends DescMethodUnary
    ? UnaryHandler<S['method'][K]>
    : S['method'][K] extends DescMethodServerStreaming
      ? StreamHandler<S['method'][K]>
      : never;
};
