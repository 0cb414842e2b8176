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

/** Bytes that one stream sends before the next has its turn: so much the other side can pass on in one go. */
const turnBytes = 64 * 1024;

/**
 * Sends the bodies of all streams of a connection within its windows. Streams that cannot send at once wait
 * in one line and take turns.
 */
export class DataSender {
  /** Bytes the peer lets us send on the whole connection. */
  connectionWindow = defaultWindow;

  readonly #owner: SenderOwner;
  readonly #writer: FrameWriter;
  readonly #peer: PeerSettings;
  readonly #controlBudget: Budget;
  readonly #pendingMark: number;
  #first: Http2Stream | null = null;
  #last: Http2Stream | null = null;
  #pumping = false;

  /**
   * @param controlBudget what is sent earns the peer window updates
   * @param pendingMark bytes of a stream that may wait for its windows before its source is asked to pause
   */
  constructor(
    owner: SenderOwner,
    writer: FrameWriter,
    peer: PeerSettings,
    controlBudget: Budget,
    pendingMark: number,
  ) {
    this.#owner = owner;
    this.#pendingMark = pendingMark;
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
    const mark = this.#writer.blocked || stream.state === 'idle' ? 0 : this.#pendingMark;
    if (stream.pendingBytes <= mark) return true;
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
    for (let sent = 0; sent < turnBytes && stream.pendingBytes > 0 && !this.#writer.blocked; ) {
      const length = this.#sendNext(stream);
      if (length === 0) return;
      sent += length;
    }
  }

  /** One frame; returns its length, 0 when no window has room. */
  #sendNext(stream: Http2Stream): number {
    const pending = stream.pending;
    if (pending === null) return 0;
    const chunk = pending[stream.pendingHead];
    const from = stream.pendingOffset;
    const length = Math.min(
      chunk.length - from,
      stream.sendWindow,
      this.connectionWindow,
      this.#peer.maxFrameSize,
    );
    if (length <= 0) return 0;
    const last = length === stream.pendingBytes;
    this.#sendFrame(stream, chunk, from, from + length, last && stream.endWanted && stream.trailers === null);
    stream.dequeue(length);
    if (last && stream.endWanted) this.#finish(stream, stream.trailers === null);
    return length;
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
