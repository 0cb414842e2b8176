import type { Connection, ConnectionHandler, SocketAddress } from './connection.ts';
import { arrival, ReadTarget } from './direct-read.ts';
import { countTogether, type GatherMode, gather, joinShort } from './gathered-write.ts';
import { lastRead, nothing, type StreamHandle, shutDown, writePieces } from './handles.ts';
import { ReadMemory } from './read-memory.ts';
import { END_OF_FILE, NOT_CONNECTED, systemError } from './system-error.ts';
import type { Ends } from './tcp-ends.ts';
import { errnoOf, type TransportObserver } from './transport-observer.ts';
import { flushThisTurn } from './write-flusher.ts';

export interface SocketConnectionOptions {
  /** `vector` unless told; `join` for TLS. */
  readonly gather?: GatherMode;
  /** Bytes queued above which `write` returns false; 256 KiB unless told. */
  readonly highWaterMark?: number;
}

const DEFAULT_HIGH_WATER_MARK = 256 * 1024;

/** Reads at least this long (bytes) are looked at for what they cost. */
const LONG_READ = 4 * 1024;
/**
 * A read that took longer than this to deal with is followed by a turn of the event loop. The kernel may have much
 * more of the kind, and every other connection would wait for all of it: a megabyte of one-byte frames is a second.
 */
const COSTLY_READ_MS = 2;

/** Pieces gathered in one turn above which the short ones among them are joined: each costs a hundred bytes itself. */
const MAX_PIECES = 512;

const owner = Symbol('connection');

/** A handle that knows its connection, so that all connections share one listener. */
interface OwnedHandle extends StreamHandle {
  [owner]?: SocketConnection;
}

/** Stands in where nobody owns a connection. */
const NOBODY: ConnectionHandler = {
  onData() {},
  onEnd() {},
  onDrain() {},
  onClose() {},
};

/** The inside of a connection, to lay TLS over it. */
export interface Detached {
  readonly handle: StreamHandle;
  readonly ends: Ends;
  /** What has been read from it and belongs to the next owner. */
  readonly unread: Buffer | null;
}

/**
 * A `Connection` over a handle of TCP, of a Unix socket, or of TLS over one of them.
 *
 * While nobody owns it (at first, and after `park`) nothing is told. Setting `handler` makes an owner, and
 * reading begins; an end or a close that came before is told to every new owner.
 */
export class SocketConnection implements Connection {
  /** Bytes handed to owners so far, and by them. */
  bytesRead = 0;
  bytesWritten = 0;

  readonly #handle: OwnedHandle;
  readonly #ends: Ends;
  readonly #gather: GatherMode;
  readonly #highWaterMark: number;
  #handler: ConnectionHandler = NOBODY;
  #observer: TransportObserver | null = null;
  readonly #target = new ReadTarget();
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** Those of the queue, and of the write under way, whose memory comes back when they have left. */
  #spent: Buffer[] = [];
  #leavingSpent: Buffer[] = [];
  /** Bytes of the write under way: there is one at a time, and what is gathered meanwhile is the next. */
  #leavingBytes = 0;
  #writing = false;
  #joinAt = MAX_PIECES;
  #flushDue = false;
  #drainDue = false;
  #reading = false;
  #paused = true;
  #endWanted = false;
  /** The writing half is being ended, or is. */
  #shutting = false;
  #shut = false;
  #ended = false;
  /** The handle is being closed. */
  #closing = false;
  #destroyed = false;
  #closed = false;
  #error: Error | null = null;
  /** What the next owner has to hear before anything else. */
  #unread: Buffer[] = [];
  #endUnheard = false;
  #closeUnheard = false;
  /** The handle is closed, and its last bytes wait for an owner that has paused: the close is told after them. */
  #closeWaits = false;
  #deliveryDue = false;

  constructor(handle: StreamHandle, ends: Ends, options: SocketConnectionOptions = {}) {
    this.#handle = handle;
    this.#ends = ends;
    this.#gather = options.gather ?? 'vector';
    this.#highWaterMark = options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK;
    this.#handle[owner] = this;
    handle.onread = SocketConnection.#onRead;
    handle.useUserBuffer(arrival);
  }

  get peer(): SocketAddress {
    return this.#ends.peer;
  }

  get local(): SocketAddress {
    return this.#ends.local;
  }

  get handler(): ConnectionHandler {
    return this.#handler;
  }

  set handler(handler: ConnectionHandler) {
    this.#handler = handler;
    this.#endUnheard = this.#ended;
    this.#closeUnheard = this.#closed && !this.#closeWaits;
    this.resume();
  }

  get closed(): boolean {
    return this.#closed || this.#destroyed;
  }

  get writableLength(): number {
    return this.#queuedBytes + this.#leavingBytes;
  }

  /** Counts from the connection's first byte on, also when it is set late. */
  observe(observer: TransportObserver): void {
    this.#observer = observer;
    observer.onOpen?.(this);
    if (this.bytesRead > 0) observer.onRead(this.bytesRead);
    if (this.bytesWritten > 0) observer.onWrite(this.bytesWritten);
    if (this.#closed) observer.onClose(errnoOf(this.#error));
  }

  write(chunk: Buffer, spent = false): boolean {
    if (this.#endWanted || this.closed) return false;
    if (spent) this.#spent.push(chunk);
    if (this.#queue.push(chunk) > this.#joinAt) this.#joinQueue();
    this.#queuedBytes += chunk.length;
    this.bytesWritten += chunk.length;
    this.#observer?.onWrite(chunk.length);
    this.#scheduleFlush();
    if (this.writableLength <= this.#highWaterMark) return true;
    this.#drainDue = true;
    return false;
  }

  end(): void {
    if (this.#endWanted || this.closed) return;
    this.#endWanted = true;
    this.#scheduleFlush();
  }

  destroy(error?: Error): void {
    if (this.#closeWaits) this.#scheduleClose();
    if (this.closed) return;
    this.#error ??= error ?? null;
    this.#letGo();
    this.#close();
  }

  pause(): void {
    this.#paused = true;
    this.#stopReading();
  }

  resume(): void {
    this.#paused = false;
    if (this.#unread.length > 0 || this.#endUnheard || this.#closeUnheard) this.#scheduleDelivery();
    else this.#startReading();
  }

  /**
   * Leaves the connection to its next owner, who is first handed `unread`. Reading is stopped by what comes before
   * there is one: most come at once.
   */
  park(unread?: Buffer): void {
    this.#paused = true;
    this.#handler = NOBODY;
    if (unread === undefined || unread.length === 0 || (this.closed && !this.#closeWaits)) return;
    this.#unread.unshift(unread);
    this.bytesRead -= unread.length;
  }

  /** Gives away the inside of a parked connection, which counts as closed and reports nothing more. */
  detach(): Detached {
    const unread = this.#unread.length === 0 ? null : Buffer.concat(this.#unread);
    const detached = { handle: this.#handle, ends: this.#ends, unread };
    this.#handle.onread = nothing;
    delete this.#handle[owner];
    this.#letGo();
    return detached;
  }

  /** For the flusher: sends what this turn has gathered. */
  flush(): void {
    this.#flushDue = false;
    if (this.#writing || this.closed || this.#closing) return;
    if (this.#queue.length > 0) this.#writeQueue();
    else if (this.#endWanted && !this.#shutting) this.#shutDown();
  }

  #writeQueue(): void {
    const count = countTogether(this.#queue, this.#gather);
    const pieces = count < this.#queue.length ? this.#takePart(count) : this.#takeAll();
    this.#writing = true;
    writePieces(this.#handle, gather(pieces, this.#gather), this.#onWritten);
  }

  #takeAll(): Buffer[] {
    const pieces = this.#queue;
    this.#leavingBytes = this.#queuedBytes;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#joinAt = MAX_PIECES;
    [this.#spent, this.#leavingSpent] = [this.#leavingSpent, this.#spent];
    return pieces;
  }

  #takePart(count: number): Buffer[] {
    const pieces = this.#queue.splice(0, count);
    for (const piece of pieces) {
      this.#leavingBytes += piece.length;
      // They are in the same order; those that were joined wait for the last of the queue.
      if (this.#spent[0] === piece) this.#leavingSpent.push(...this.#spent.splice(0, 1));
    }
    this.#queuedBytes -= this.#leavingBytes;
    return pieces;
  }

  readonly #onWritten = (status: number): void => {
    this.#writing = false;
    this.#leavingBytes = 0;
    if (this.closed) return;
    if (status < 0) {
      this.#fail(systemError(status, 'write'));
    } else {
      for (const piece of this.#leavingSpent) ReadMemory.give(piece);
      this.#leavingSpent.length = 0;
      this.flush();
    }
    if (!this.#drainDue || this.closed || this.writableLength > this.#highWaterMark / 2) return;
    this.#drainDue = false;
    this.#handler.onDrain();
  };

  #shutDown(): void {
    this.#shutting = true;
    // Without TLS there is nothing to say that closing does not say as well.
    if (this.#ended && this.#gather === 'vector') {
      this.#close();
      return;
    }
    shutDown(this.#handle, (status) => {
      if (this.closed || this.#closing) return;
      this.#shut = true;
      if (status < 0 && status !== NOT_CONNECTED) this.#fail(systemError(status, 'shutdown'));
      else if (this.#ended) this.#close();
    });
  }

  #startReading(): void {
    if (this.#reading || this.#ended || this.closed || this.#closing) return;
    this.#reading = true;
    this.#handle.readStart();
  }

  #stopReading(): void {
    if (!this.#reading) return;
    this.#reading = false;
    if (!this.closed && !this.#closing) this.#handle.readStop();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#close();
  }

  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#handle.onread = nothing;
    this.#handle.close(() => this.#hearClose());
  }

  #joinQueue(): void {
    this.#queue = joinShort(this.#queue);
    this.#joinAt = MAX_PIECES + 2 * this.#queue.length;
  }

  #scheduleFlush(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    flushThisTurn(this);
  }

  /** Returns where to read next, if that changes. */
  #hearRead(status: number): Buffer | undefined {
    if (status > 0) {
      const bytes = this.#target.take(status);
      const next = this.#target.next(status, this.bytesRead + status);
      if (!this.#arrived(bytes)) this.#stopReading();
      return next;
    }
    if (status === END_OF_FILE) this.#hearEnd();
    else if (status < 0) this.#fail(systemError(status, 'read'));
    return undefined;
  }

  /** False stops the reading; TLS may have more in hand even so. */
  #arrived(bytes: Buffer): boolean {
    if (this.#destroyed) return false;
    if (this.#paused || this.#unread.length > 0) {
      this.#unread.push(bytes);
      return false;
    }
    if (bytes.length < LONG_READ) {
      this.#hearData(bytes);
      return true;
    }
    const startedAt = performance.now();
    this.#hearData(bytes);
    if (performance.now() - startedAt < COSTLY_READ_MS) return true;
    setImmediate(() => {
      if (!this.#paused) this.#startReading();
    });
    return false;
  }

  #hearData(chunk: Buffer): void {
    if (this.#destroyed) return;
    this.bytesRead += chunk.length;
    this.#observer?.onRead(chunk.length);
    this.#handler.onData(chunk);
  }

  #hearEnd(): void {
    // TLS and what lies below it may both say so.
    if (this.#destroyed || this.#ended) return;
    this.#ended = true;
    if (this.#unread.length === 0) this.#handler.onEnd();
    else this.#endUnheard = true;
    if (this.#shut) this.#close();
  }

  #hearClose(): void {
    this.#closed = true;
    this.#target.close();
    this.#closeWaits = this.#unread.length > 0 && this.#error === null && !this.#destroyed;
    if (!this.#closeWaits) this.#finishClose();
  }

  #scheduleClose(): void {
    this.#letGo();
    process.nextTick(() => this.#finishClose());
  }

  #finishClose(): void {
    this.#letGo();
    this.#observer?.onClose(errnoOf(this.#error));
    this.#handler.onClose(this.#error);
  }

  #letGo(): void {
    this.#destroyed = true;
    this.#closeWaits = false;
    this.#queue = [];
    this.#spent = [];
    this.#queuedBytes = 0;
    this.#leavingBytes = 0;
    this.#unread = [];
  }

  #scheduleDelivery(): void {
    if (this.#deliveryDue) return;
    this.#deliveryDue = true;
    process.nextTick(() => this.#deliver());
  }

  /** Every step may change the owner, pause or destroy: each looks again. */
  #deliver(): void {
    this.#deliveryDue = false;
    // Whoever judges by the first bytes gets all there are.
    const [first] = this.#unread;
    if (first !== undefined && first.length < LONG_READ && this.#unread.length > 1)
      this.#unread = [Buffer.concat(this.#unread)];
    while (!this.#paused) {
      const unread = this.#unread.shift();
      if (unread === undefined) break;
      this.#hearData(unread);
    }
    if (this.#endUnheard && this.#unread.length === 0 && !this.#destroyed) {
      this.#endUnheard = false;
      this.#handler.onEnd();
    }
    if (this.#closeWaits && this.#unread.length === 0) this.#finishClose();
    if (this.#closeUnheard) {
      this.#closeUnheard = false;
      this.#handler.onClose(this.#error);
    }
    if (!this.#paused) this.#startReading();
  }

  static readonly #onRead = function (this: OwnedHandle): Buffer | undefined {
    const connection = this[owner];
    return connection === undefined ? undefined : connection.#hearRead(lastRead());
  };
}
