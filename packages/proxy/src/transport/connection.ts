/** An address as the socket knows it. IPv4-mapped IPv6 addresses are written as IPv4. */
export interface SocketAddress {
  readonly ip: string;
  readonly port: number;
}

/**
 * What the current owner of a connection hears. Calls come in order: any number of `onData`, `onDrain` and
 * at most one `onEnd`, then exactly one `onClose`, after which none follow.
 */
export interface ConnectionHandler {
  /**
   * The buffer is the receiver's to keep, and never written to again unless it is given back; see `ReadMemory`.
   */
  onData(chunk: Buffer): void;
  /** The peer has sent its last byte; writing may go on. */
  onEnd(): void;
  /** What was written beyond the high-water mark has left. */
  onDrain(): void;
  /** Both directions are gone. `error` is null after an orderly close. */
  onClose(error: Error | null): void;
}

/**
 * A byte stream in both directions: plain TCP, or TLS over it. One owner at a time holds it and changes
 * hands by replacing `handler` (detection, then a codec, then perhaps an upgraded tunnel). Setting it starts
 * reading, and an end or a close that came before is told to the new owner.
 */
export interface Connection {
  readonly peer: SocketAddress;
  readonly local: SocketAddress;
  handler: ConnectionHandler;
  readonly closed: boolean;
  /** Bytes accepted by `write` that the kernel has not taken yet. */
  readonly writableLength: number;
  /**
   * Queues bytes. Everything queued in one turn of the event loop leaves in one write. The buffer must not
   * be changed afterwards. Returns false when more than the high-water mark is queued: the writer should
   * wait for `onDrain`. `spent`: the writer held it and holds it no longer; where it was read, its memory is given back
   * once it has left.
   */
  write(chunk: Buffer, spent?: boolean): boolean;
  /** Closes the writing half once what is queued has left. */
  end(): void;
  /** Closes both halves at once and forgets what is queued. */
  destroy(error?: Error): void;
  /** Stops and restarts `onData`. A paused connection still reports `onClose`. */
  pause(): void;
  resume(): void;
}

/** Opens a connection to one fixed target; rejects with a `ConnectError`, or the signal's reason. */
export type Connect = (signal: AbortSignal) => Promise<Connection>;
