import type { Socket } from 'node:net';
import type { Connection, ConnectionHandler, SocketAddress } from './connection.ts';
import { readDirectly } from './direct-read.ts';
import { type GatherMode, joinShort, writeGathered } from './gathered-write.ts';
import { socketAddress } from './socket-address.ts';
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

/** A socket that knows its connection, so that all connections share one set of listeners. */
interface OwnedSocket extends Socket {
  [owner]?: SocketConnection;
}

/** Stands in where nobody owns a connection. */
const NOBODY: ConnectionHandler = {
  onData() {},
  onEnd() {},
  onDrain() {},
  onClose() {},
};

/**
 * A `Connection` over a socket of node:net or node:tls that was opened with `allowHalfOpen`.
 *
 * While nobody owns it (at first, and after `park`) nothing is read. Setting `handler` makes an owner, and
 * reading begins; an end or a close that came before is told to every new owner.
 */
export class SocketConnection implements Connection {
  readonly peer: SocketAddress;
  readonly local: SocketAddress;
  /** Bytes handed to owners so far, and by them. */
  bytesRead = 0;
  bytesWritten = 0;

  readonly #socket: OwnedSocket;
  readonly #gather: GatherMode;
  readonly #highWaterMark: number;
  readonly #onWritten = (error?: Error | null) => this.#hearWritten(error);
  readonly #readOn = () => {
    if (!this.#paused && !this.closed) this.#socket.resume();
  };
  #handler: ConnectionHandler = NOBODY;
  #observer: TransportObserver | null = null;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** Bytes that are with the socket and have not left; nothing more is given to it meanwhile. */
  #leavingBytes = 0;
  #joinAt = MAX_PIECES;
  #flushDue = false;
  #drainDue = false;
  #paused = true;
  #readsDirectly = false;
  #endWanted = false;
  #ended = false;
  #destroyed = false;
  #closed = false;
  #error: Error | null = null;
  /** What the next owner has to hear before anything else. */
  #unread: Buffer | null = null;
  #endUnheard = false;
  #closeUnheard = false;
  /** The socket is closed, and its last bytes wait for an owner that has paused: the close is told after them. */
  #closeWaits = false;
  #deliveryDue = false;

  constructor(socket: Socket, options: SocketConnectionOptions = {}) {
    this.#socket = socket;
    this.#gather = options.gather ?? 'vector';
    this.#highWaterMark = options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK;
    this.peer = socketAddress(socket.remoteAddress, socket.remotePort);
    this.local = socketAddress(socket.localAddress, socket.localPort);
    this.#socket[owner] = this;
    socket.pause();
    socket.on('data', SocketConnection.#onData);
    socket.on('end', SocketConnection.#onEnd);
    socket.on('error', SocketConnection.#onError);
    socket.on('close', SocketConnection.#onClose);
  }

  get handler(): ConnectionHandler {
    return this.#handler;
  }

  set handler(handler: ConnectionHandler) {
    this.#readDirectly();
    this.peekedBy(handler);
  }

  /** Makes an owner that only looks: the socket may still be detached. */
  peekedBy(handler: ConnectionHandler): void {
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

  write(chunk: Buffer): boolean {
    if (this.#endWanted || this.closed) return false;
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
    this.#error = error ?? null;
    this.#letGo();
    this.#socket.destroy();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#unread !== null || this.#endUnheard || this.#closeUnheard) this.#scheduleDelivery();
    else if (!this.closed) this.#socket.resume();
  }

  /** Leaves the connection to its next owner, who is first handed `unread`. */
  park(unread?: Buffer): void {
    this.pause();
    this.#handler = NOBODY;
    if (unread === undefined || unread.length === 0 || (this.closed && !this.#closeWaits)) return;
    this.#unread = this.#unread === null ? unread : Buffer.concat([unread, this.#unread]);
    this.bytesRead -= unread.length;
  }

  /**
   * Gives away the socket of a parked connection, with the unread bytes back in it, to lay TLS over it. The
   * connection counts as closed and reports nothing more.
   */
  detach(): Socket {
    const socket = this.#socket;
    socket.off('data', SocketConnection.#onData);
    socket.off('end', SocketConnection.#onEnd);
    socket.off('error', SocketConnection.#onError);
    socket.off('close', SocketConnection.#onClose);
    delete socket[owner];
    if (this.#unread !== null && !socket.readableEnded) socket.unshift(this.#unread);
    this.#letGo();
    return socket;
  }

  /** For the flusher: sends what this turn has gathered. */
  flush(): void {
    this.#flushDue = false;
    if (this.#leavingBytes === 0 && this.#queuedBytes > 0 && !this.closed) {
      const pieces = this.#queue;
      this.#queue = [];
      this.#leavingBytes = this.#queuedBytes;
      this.#queuedBytes = 0;
      this.#joinAt = MAX_PIECES;
      writeGathered(this.#socket, pieces, this.#gather, this.#onWritten);
    }
    if (this.#endWanted && this.writableLength === 0 && !this.closed && !this.#socket.writableEnded)
      this.#socket.end();
  }

  #readDirectly(): void {
    if (this.#readsDirectly || this.closed || this.#socket.readableLength > 0) return;
    this.#readsDirectly = readDirectly(this.#socket, (bytes) => this.#arrived(bytes));
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

  #hearWritten(error: Error | null | undefined): void {
    this.#leavingBytes = 0;
    if (error) {
      this.#socket.destroy(error);
      return;
    }
    if (this.closed) return;
    if (this.#queuedBytes > 0 || this.#endWanted) this.#scheduleFlush();
    if (!this.#drainDue || this.#queuedBytes > this.#highWaterMark / 2) return;
    this.#drainDue = false;
    this.#handler.onDrain();
  }

  /** False stops the reading; TLS may have more in hand even so. */
  #arrived(bytes: Buffer): boolean {
    if (this.#destroyed) return false;
    if (this.#paused || this.#unread !== null) {
      this.#unread = this.#unread === null ? bytes : Buffer.concat([this.#unread, bytes]);
      return false;
    }
    if (bytes.length < LONG_READ) {
      this.#hearData(bytes);
      return true;
    }
    const startedAt = performance.now();
    this.#hearData(bytes);
    if (performance.now() - startedAt < COSTLY_READ_MS) return true;
    setImmediate(this.#readOn);
    return false;
  }

  #hearData(chunk: Buffer): void {
    if (this.#destroyed) return;
    this.bytesRead += chunk.length;
    this.#observer?.onRead(chunk.length);
    this.#handler.onData(chunk);
  }

  #hearEnd(): void {
    if (this.#destroyed) return;
    this.#ended = true;
    if (this.#unread === null) this.#handler.onEnd();
    else this.#endUnheard = true;
  }

  #hearClose(): void {
    this.#closed = true;
    this.#closeWaits = this.#unread !== null && this.#error === null && !this.#destroyed;
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
    this.#queuedBytes = 0;
    this.#leavingBytes = 0;
    this.#unread = null;
  }

  #scheduleDelivery(): void {
    if (this.#deliveryDue) return;
    this.#deliveryDue = true;
    process.nextTick(() => this.#deliver());
  }

  /** Every step may change the owner, pause or destroy: each looks again. */
  #deliver(): void {
    this.#deliveryDue = false;
    if (this.#unread !== null && !this.#paused) {
      const unread = this.#unread;
      this.#unread = null;
      this.#hearData(unread);
    }
    if (this.#endUnheard && this.#unread === null && !this.#destroyed) {
      this.#endUnheard = false;
      this.#handler.onEnd();
    }
    if (this.#closeWaits && this.#unread === null) this.#finishClose();
    if (this.#closeUnheard) {
      this.#closeUnheard = false;
      this.#handler.onClose(this.#error);
    }
    if (!this.#paused && !this.closed) this.#socket.resume();
  }

  static readonly #onData = function (this: OwnedSocket, chunk: Buffer): void {
    this[owner]!.#hearData(chunk);
  };

  static readonly #onEnd = function (this: OwnedSocket): void {
    this[owner]!.#hearEnd();
  };

  static readonly #onError = function (this: OwnedSocket, error: Error): void {
    this[owner]!.#error ??= error;
  };

  static readonly #onClose = function (this: OwnedSocket): void {
    this[owner]!.#hearClose();
  };
}
