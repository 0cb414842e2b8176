import type { HeaderList } from '../http/message.ts';
import type { StreamReset } from '../http/stream.ts';
import { ReadMemory } from '../transport/read-memory.ts';
import { canReceive, type StreamState } from './stream-state.ts';

/** What a stream asks of its connection. */
export interface StreamOwner {
  sendData(stream: Http2Stream, chunk: Buffer): boolean;
  sendEnd(stream: Http2Stream, trailers: HeaderList | null): void;
  /** Sends RST_STREAM; the stream hears nothing of it. */
  sendReset(stream: Http2Stream, code: number): void;
  /** Opens the stream's window by what was received while it was held shut. */
  openWindow(stream: Http2Stream): void;
}

/** Chunks shorter than this are joined while they wait, so that many tiny ones cannot pin large buffers. */
const joinedChunk = 512;
const joinBufferSize = 4096;

/** What both sides of HTTP/2 keep of a stream. */
export abstract class Http2Stream {
  id = 0;
  state: StreamState = 'idle';
  /** Bytes the peer lets us send; negative after it has shrunk its initial window. */
  sendWindow = 0;
  /** Bytes the peer may still send. */
  receiveWindow = 0;
  /** Bytes received that the window has not been opened by again. */
  unreturned = 0;
  receivePaused = false;
  /** Bytes of content-length still to come, -1 without one. */
  contentLeft = -1;

  /** What waits for the windows: `pending[pendingHead]` from `pendingOffset` on, then the rest. */
  pendingBytes = 0;
  pendingHead = 0;
  pendingOffset = 0;
  pending: Buffer[] | null = null;
  endWanted = false;
  trailers: HeaderList | null = null;
  /** `writeData` has returned false and a drain call is owed. */
  drainOwed = false;
  /** In the sender's list of streams that wait for their turn. */
  waiting = false;
  nextWaiting: Http2Stream | null = null;

  protected readonly owner: StreamOwner;
  /** The last pending chunk when it is our own, with room for more up to `joinBufferSize`. */
  #joined: Buffer | null = null;
  #joinedLength = 0;

  constructor(owner: StreamOwner) {
    this.owner = owner;
  }

  abstract deliverData(chunk: Buffer): void;
  abstract deliverEnd(trailers: HeaderList | null): void;
  abstract deliverReset(reset: StreamReset): void;
  abstract deliverDrain(): void;

  writeData(chunk: Buffer): boolean {
    return this.owner.sendData(this, chunk);
  }

  end(trailers: HeaderList | null): void {
    this.owner.sendEnd(this, trailers);
  }

  protected pauseReceiving(): void {
    this.receivePaused = true;
  }

  protected resumeReceiving(): void {
    this.receivePaused = false;
    if (canReceive(this.state)) this.owner.openWindow(this);
  }

  /** Keeps a chunk until it can be sent. */
  queue(chunk: Buffer): void {
    this.pending ??= [];
    this.pendingBytes += chunk.length;
    if (chunk.length >= joinedChunk) {
      this.#joined = null;
      this.pending.push(chunk);
      return;
    }
    if (this.#joined === null || this.#joinedLength + chunk.length > joinBufferSize) {
      this.#joined = Buffer.allocUnsafeSlow(joinBufferSize);
      this.#joinedLength = 0;
      this.pending.push(this.#joined.subarray(0, 0));
    }
    chunk.copy(this.#joined, this.#joinedLength);
    ReadMemory.give(chunk);
    this.#joinedLength += chunk.length;
    this.pending[this.pending.length - 1] = this.#joined.subarray(0, this.#joinedLength);
  }

  /** Takes note that `sent` bytes of the first pending chunk have gone. */
  dequeue(sent: number): void {
    const pending = this.pending;
    if (pending === null) return;
    this.pendingBytes -= sent;
    this.pendingOffset += sent;
    if (this.pendingBytes === 0) {
      this.forgetPending();
    } else if (this.pendingOffset === pending[this.pendingHead].length) {
      this.pendingOffset = 0;
      this.pendingHead++;
      if (this.pendingHead === 64) {
        pending.splice(0, this.pendingHead);
        this.pendingHead = 0;
      }
    }
  }

  forgetPending(): void {
    this.pendingBytes = 0;
    this.pendingHead = 0;
    this.pendingOffset = 0;
    this.pending = null;
    this.#joined = null;
  }
}
