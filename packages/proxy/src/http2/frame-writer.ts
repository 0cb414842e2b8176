import type { Connection } from '../transport/connection.ts';
import { ReadMemory } from '../transport/read-memory.ts';
import { type Flushable, flushThisTurn } from '../transport/write-flusher.ts';
import { Flag, FrameType, frameHeaderSize } from './frame.ts';

/** Payloads up to this many bytes are cheaper to copy behind their frame header than to pass by reference. */
const copiedPayload = 1024;

const poolSize = 64 * 1024;
const smallestRun = 2 * 1024;
const largestRun = 16 * 1024;

const noBytes = Buffer.alloc(0);

let pool = Buffer.allocUnsafeSlow(poolSize);
let poolUsed = 0;

/** Memory for frames from a pool that all connections share, so that an idle one holds little. */
function takeRun(size: number): Buffer {
  if (size > largestRun) return Buffer.allocUnsafeSlow(size);
  if (poolUsed + size > poolSize) {
    pool = Buffer.allocUnsafeSlow(poolSize);
    poolUsed = 0;
  }
  const run = pool.subarray(poolUsed, poolUsed + size);
  poolUsed += size;
  return run;
}

/**
 * Writes frames. Small ones are gathered in one buffer until the end of the turn; larger payloads follow
 * their header by reference.
 */
export class FrameWriter implements Flushable {
  /** The connection asked to wait for `drained`; frames are taken all the same. */
  blocked = false;

  readonly #connection: Connection;
  readonly #blockedAbove: number;
  #run: Buffer = noBytes;
  #runSize = smallestRun;
  /** What is gathered lies in `run[start, at)`. */
  #start = 0;
  #at = 0;
  #flushDue = false;
  /** The stream of the last frame gathered if it may still be given END_STREAM, else 0. */
  #openFrameStream = 0;
  #openFrameFlags = 0;

  /** @param blockedAbove bytes queued on a connection that asks to wait, up to which frames go on all the same */
  constructor(connection: Connection, blockedAbove: number) {
    this.#connection = connection;
    this.#blockedAbove = blockedAbove;
  }

  /** Bytes gathered or queued that the kernel has not taken. */
  get queued(): number {
    return this.#at - this.#start + this.#connection.writableLength;
  }

  drained(): void {
    this.blocked = false;
  }

  /** Hands over what is gathered. */
  flush(): void {
    this.#flushDue = false;
    this.#handOver();
  }

  raw(bytes: Buffer): void {
    this.#reserve(bytes.length);
    this.#at += bytes.copy(this.#run, this.#at);
  }

  /** Entries of SETTINGS, flat: identifier, value, … */
  settings(entries: readonly number[]): void {
    this.#frame(entries.length * 3, FrameType.Settings, 0, 0);
    for (let i = 0; i < entries.length; i += 2) {
      this.#at = this.#run.writeUInt16BE(entries[i], this.#at);
      this.#word(entries[i + 1]);
    }
  }

  settingsAck(): void {
    this.#frame(0, FrameType.Settings, Flag.Ack, 0);
  }

  /** `source[at, at + 8)` is the opaque data. */
  ping(source: Buffer, at: number, ack: boolean): void {
    this.#frame(8, FrameType.Ping, ack ? Flag.Ack : 0, 0);
    this.#at += source.copy(this.#run, this.#at, at, at + 8);
  }

  goaway(lastStreamId: number, code: number, debug: string): void {
    this.#frame(8 + debug.length, FrameType.Goaway, 0, 0);
    this.#word(lastStreamId);
    this.#word(code);
    this.#at += this.#run.write(debug, this.#at, 'latin1');
  }

  resetStream(streamId: number, code: number): void {
    this.#frame(4, FrameType.RstStream, 0, streamId);
    this.#word(code);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#frame(4, FrameType.WindowUpdate, 0, streamId);
    this.#word(increment);
  }

  /** One DATA frame with `payload[from, to)`. The frame that reaches the end of the payload is the last of it. */
  data(streamId: number, payload: Buffer, from: number, to: number, endStream: boolean): void {
    const length = to - from;
    const flags = endStream ? Flag.EndStream : 0;
    const last = to === payload.length;
    // Its memory is given back behind the frames before it, which may be passed by reference.
    const copied = length <= copiedPayload && (!last || from === 0);
    if (copied) {
      this.#frame(length, FrameType.Data, flags, streamId);
      if (length > 0) this.#at += payload.copy(this.#run, this.#at, from, to);
      if (last) ReadMemory.give(payload);
      if (!endStream) this.#keepOpen(streamId, length);
      return;
    }
    this.#reserve(frameHeaderSize);
    this.#header(length, FrameType.Data, flags, streamId);
    this.#handOver();
    this.#send(from === 0 && last ? payload : payload.subarray(from, to), last);
  }

  /** Puts END_STREAM on the last frame if it is of that stream and has not been handed over. */
  endWithLastFrame(streamId: number): boolean {
    if (this.#openFrameStream !== streamId) return false;
    this.#run[this.#openFrameFlags] |= Flag.EndStream;
    this.#openFrameStream = 0;
    return true;
  }

  /**
   * Makes room for a HEADERS frame with a block of at most `bound` bytes. The block is to be written to
   * `target` from `targetOffset` on and finished by `finishHeaders`.
   */
  startHeaders(bound: number): void {
    this.#reserve(frameHeaderSize + bound);
  }

  get target(): Buffer {
    return this.#run;
  }

  get targetOffset(): number {
    return this.#at + frameHeaderSize;
  }

  finishHeaders(end: number, streamId: number, endStream: boolean): void {
    const length = end - this.#at - frameHeaderSize;
    this.#header(length, FrameType.Headers, Flag.EndHeaders | (endStream ? Flag.EndStream : 0), streamId);
    this.#at = end;
    if (!endStream) this.#keepOpen(streamId, length);
  }

  /** A block that needs CONTINUATION: `block[0, length)` in frames of at most `frameSize`. */
  longHeaders(block: Buffer, length: number, streamId: number, endStream: boolean, frameSize: number): void {
    for (let from = 0; from < length; from += frameSize) {
      const to = Math.min(from + frameSize, length);
      const first = from === 0;
      const flags = (to === length ? Flag.EndHeaders : 0) | (first && endStream ? Flag.EndStream : 0);
      this.#frame(to - from, first ? FrameType.Headers : FrameType.Continuation, flags, streamId);
      this.#at += block.copy(this.#run, this.#at, from, to);
    }
  }

  #frame(length: number, type: number, flags: number, streamId: number): void {
    this.#reserve(frameHeaderSize + length);
    this.#header(length, type, flags, streamId);
  }

  #header(length: number, type: number, flags: number, streamId: number): void {
    const run = this.#run;
    const at = this.#at;
    run[at] = length >>> 16;
    run[at + 1] = length >>> 8;
    run[at + 2] = length;
    run[at + 3] = type;
    run[at + 4] = flags;
    run[at + 5] = streamId >>> 24;
    run[at + 6] = streamId >>> 16;
    run[at + 7] = streamId >>> 8;
    run[at + 8] = streamId;
    this.#at = at + frameHeaderSize;
    this.#openFrameStream = 0;
  }

  /** The frame just finished, with a payload of `length` bytes, may be given END_STREAM until it leaves. */
  #keepOpen(streamId: number, length: number): void {
    this.#openFrameStream = streamId;
    this.#openFrameFlags = this.#at - length - frameHeaderSize + 4;
  }

  #word(value: number): void {
    this.#at = this.#run.writeUInt32BE(value, this.#at);
  }

  #reserve(size: number): void {
    if (!this.#flushDue) {
      this.#flushDue = true;
      flushThisTurn(this);
    }
    if (this.#at + size <= this.#run.length) return;
    // A run filled in one turn asks for a longer one.
    if (this.#start > 0 || this.#at === 0) this.#runSize = smallestRun;
    else this.#runSize = Math.min(this.#runSize * 2, largestRun);
    this.#handOver();
    this.#run = takeRun(Math.max(this.#runSize, size));
    this.#start = 0;
    this.#at = 0;
  }

  #handOver(): void {
    if (this.#at === this.#start) return;
    const gathered = this.#run.subarray(this.#start, this.#at);
    this.#start = this.#at;
    this.#openFrameStream = 0;
    this.#send(gathered, false);
  }

  #send(bytes: Buffer, spent: boolean): void {
    if (!this.#connection.write(bytes, spent) && this.#connection.writableLength > this.#blockedAbove)
      this.blocked = true;
  }
}
