/**
 * One reader's place in a state that changes: never a queue. The gRPC adapter asks for the next message
 * only when the transport can take it, so a slow reader skips to the latest state.
 *
 * The adapter subscribes exactly once and unsubscribes exactly once, whatever ends the stream: a cursor
 * that holds resources gives them back there.
 */
export interface Cursor {
  /**
   * The encoded message that brings this reader up to date, or undefined when it already is.
   * The bytes are sent as they are and must not change afterwards; the same bytes may go to any number of streams.
   */
  next(): Uint8Array | undefined;
  /** Calls back, synchronously or later, whenever `next` or `closed` may answer differently. Returns the unsubscribe. */
  onChange(callback: () => void): () => void;
  /** True when nothing follows what `next` still has: the stream then ends with OK, or with `error` when there is one. */
  readonly closed: boolean;
  /** Why the state ended, when that is a failure the peer should know. */
  readonly error?: unknown;
}
