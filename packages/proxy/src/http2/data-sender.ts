import type { HeaderList } from '../http/message.ts';
import type { Budget } from './budget.ts';
import { defaultWindow, maxWindow } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import { flowControlError } from './http2-error.ts';
import type { PeerSettings } from './settings.ts';
import type { Http2Stream } from './stream.ts';

export interface SenderOwner {
  sendTrailers(stream: Http2Stream, trailers: HeaderList): void;
  /** END_STREAM has been sent. */
  localEnded(stream: Http2Stream): void;
}

const empty = Buffer.alloc(0);

/**
 * Sends the bodies of all streams of a connection within its windows. Streams that cannot send at once wait
 * in one line and take turns of a frame each.
 */
export class DataSender {
  /** Bytes the peer lets us send on the whole connection. */
  connectionWindow = defaultWindow;

  readonly #owner: SenderOwner;
  readonly #writer: FrameWriter;
  readonly #peer: PeerSettings;
  readonly #controlBudget: Budget;
  #first: Http2Stream | null = null;
  #last: Http2Stream | null = null;
  #pumping = false;

  /** @param controlBudget what is sent earns the peer window updates */
  constructor(owner: SenderOwner, writer: FrameWriter, peer: PeerSettings, controlBudget: Budget) {
    this.#owner = owner;
    this.#writer = writer;
    this.#peer = peer;
    this.#controlBudget = controlBudget;
  }

  /** Sends or keeps the chunk. False asks the caller to wait for `deliverDrain`. */
  write(stream: Http2Stream, chunk: Buffer): boolean {
    const length = chunk.length;
    if (
      stream.pendingBytes === 0 &&
      this.#first === null &&
      length <= stream.sendWindow &&
      length <= this.connectionWindow &&
      stream.state !== 'idle' &&
      !this.#writer.blocked
    ) {
      this.#sendChunk(stream, chunk);
      if (!this.#writer.blocked) return true;
      stream.drainOwed = true;
      this.#wait(stream);
      return false;
    }
    stream.queue(chunk);
    if (stream.state !== 'idle' && stream.sendWindow > 0) {
      this.#wait(stream);
      this.pump();
    }
    if (stream.pendingBytes === 0 && !this.#writer.blocked) return true;
    stream.drainOwed = true;
    if (stream.pendingBytes === 0) this.#wait(stream);
    return false;
  }

  end(stream: Http2Stream, trailers: HeaderList | null): void {
    stream.endWanted = true;
    stream.trailers = trailers;
    if (stream.pendingBytes === 0 && stream.state !== 'idle') this.#finish(stream, false);
  }

  /** The stream has got its id: what was written before may go. */
  started(stream: Http2Stream): void {
    if (stream.pendingBytes > 0) {
      this.#wait(stream);
      this.pump();
    } else if (stream.endWanted) {
      this.#finish(stream, false);
    } else if (stream.drainOwed) {
      stream.drainOwed = false;
      stream.deliverDrain();
    }
  }

  /** Forgets what a stream still had to send. */
  abandon(stream: Http2Stream): void {
    stream.forgetPending();
    stream.endWanted = false;
    stream.trailers = null;
    stream.drainOwed = false;
  }

  openConnection(increment: number): void {
    this.connectionWindow += increment;
    if (this.connectionWindow > maxWindow) throw flowControlError('connection window overflow');
    this.pump();
  }

  /** False when the window would overflow. */
  openStream(stream: Http2Stream, increment: number): boolean {
    if (stream.sendWindow + increment > maxWindow) return false;
    stream.sendWindow += increment;
    if (stream.pendingBytes > 0 && stream.sendWindow > 0 && stream.state !== 'idle') {
      this.#wait(stream);
      this.pump();
    }
    return true;
  }

  /** Serves the waiting streams as long as windows and connection allow. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#first !== null && !this.#writer.blocked) {
      const stream = this.#first;
      if (stream.pendingBytes > 0) {
        if (this.connectionWindow <= 0) break;
        this.#unwaitFirst();
        if (stream.sendWindow <= 0) continue;
        this.#sendTurn(stream);
        if (stream.pendingBytes > 0) {
          if (stream.sendWindow > 0) this.#wait(stream);
          continue;
        }
      } else {
        this.#unwaitFirst();
      }
      if (!stream.drainOwed) continue;
      if (this.#writer.blocked) {
        this.#wait(stream);
      } else {
        stream.drainOwed = false;
        stream.deliverDrain();
      }
    }
    this.#pumping = false;
  }

  #sendTurn(stream: Http2Stream): void {
    const pending = stream.pending;
    if (pending === null) return;
    const chunk = pending[stream.pendingHead];
    const from = stream.pendingOffset;
    const length = Math.min(
      chunk.length - from,
      stream.sendWindow,
      this.connectionWindow,
      this.#peer.maxFrameSize,
    );
    const last = length === stream.pendingBytes;
    this.#sendFrame(stream, chunk, from, from + length, last && stream.endWanted && stream.trailers === null);
    stream.dequeue(length);
    if (last && stream.endWanted) this.#finish(stream, stream.trailers === null);
  }

  #sendChunk(stream: Http2Stream, chunk: Buffer): void {
    const frameSize = this.#peer.maxFrameSize;
    for (let from = 0; from < chunk.length; from += frameSize) {
      this.#sendFrame(stream, chunk, from, Math.min(from + frameSize, chunk.length), false);
    }
  }

  #sendFrame(stream: Http2Stream, chunk: Buffer, from: number, to: number, endStream: boolean): void {
    stream.sendWindow -= to - from;
    this.connectionWindow -= to - from;
    this.#controlBudget.earn(1 + ((to - from) >> 10));
    this.#writer.data(stream.id, chunk, from, to, endStream);
  }

  #finish(stream: Http2Stream, ended: boolean): void {
    const trailers = stream.trailers;
    stream.endWanted = false;
    stream.trailers = null;
    if (trailers !== null) this.#owner.sendTrailers(stream, trailers);
    else if (!ended && !this.#writer.endWithLastFrame(stream.id)) {
      this.#writer.data(stream.id, empty, 0, 0, true);
    }
    this.#owner.localEnded(stream);
  }

  #wait(stream: Http2Stream): void {
    if (stream.waiting) return;
    stream.waiting = true;
    if (this.#last === null) this.#first = stream;
    else this.#last.nextWaiting = stream;
    this.#last = stream;
  }

  #unwaitFirst(): void {
    const stream = this.#first;
    if (stream === null) return;
    this.#first = stream.nextWaiting;
    if (this.#first === null) this.#last = null;
    stream.nextWaiting = null;
    stream.waiting = false;
  }
}
