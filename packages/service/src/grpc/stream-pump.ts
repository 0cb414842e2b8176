import type { Cursor } from './cursor.ts';
import { type GrpcStatus, okStatus, toGrpcStatus } from './status.ts';

/** The sending side of one server-streaming call. */
export interface StreamTransport {
  /** Sends one message; `sent` is called once the transport can take another. */
  write(message: Uint8Array, sent: () => void): void;
  /** Sends the status after whatever was written. Nothing follows. */
  end(status: GrpcStatus): void;
}

export interface PumpEvents {
  onError(error: unknown): void;
  /** Called exactly once. Undefined: the peer was gone before a status could be sent. */
  onEnd(status: GrpcStatus | undefined): void;
}

type State = 'idle' | 'writing' | 'ended';

/**
 * Carries one cursor's messages to one stream. At most one message is under way; the next is asked for only
 * when that one has left, so what waits for a slow reader is one message and never a queue.
 */
export class StreamPump {
  readonly #cursor: Cursor;
  readonly #transport: StreamTransport;
  readonly #events: PumpEvents;
  #unsubscribe = () => {};
  #state: State = 'idle';

  constructor(cursor: Cursor, transport: StreamTransport, events: PumpEvents) {
    this.#cursor = cursor;
    this.#transport = transport;
    this.#events = events;
  }

  /** Follows the cursor and sends what it already has. */
  start(): void {
    if (this.#state !== 'idle') return;
    const unsubscribe = this.#cursor.onChange(() => this.#pull());
    if (this.#isEnded()) unsubscribe();
    else this.#unsubscribe = unsubscribe;
    this.#pull();
  }

  /** Ends the stream from the server's side, with OK unless told otherwise. */
  end(status: GrpcStatus = okStatus): void {
    if (this.#state === 'ended') return;
    this.#finish(status);
    this.#transport.end(status);
  }

  /** The peer is gone: nothing can be sent any more. */
  cancel(): void {
    if (this.#state !== 'ended') this.#finish(undefined);
  }

  #pull(): void {
    if (this.#state !== 'idle') return;
    try {
      const message = this.#cursor.next();
      if (message !== undefined) this.#write(message);
      else if (this.#cursor.closed) this.#endOfCursor();
    } catch (error) {
      this.#events.onError(error);
      this.end(toGrpcStatus(error));
    }
  }

  #write(message: Uint8Array): void {
    this.#state = 'writing';
    this.#transport.write(message, () => {
      if (this.#state !== 'writing') return;
      this.#state = 'idle';
      this.#pull();
    });
  }

  /** A cursor may call back while it is being subscribed to, and end there. */
  #isEnded(): boolean {
    return this.#state === 'ended';
  }

  #endOfCursor(): void {
    const { error } = this.#cursor;
    if (error !== undefined) this.#events.onError(error);
    this.end(error === undefined ? okStatus : toGrpcStatus(error));
  }

  #finish(status: GrpcStatus | undefined): void {
    this.#state = 'ended';
    this.#unsubscribe();
    this.#events.onEnd(status);
  }
}
