import type { Connection, ConnectionHandler, SocketAddress } from './connection.ts';

const nobody: ConnectionHandler = { onData() {}, onEnd() {}, onDrain() {}, onClose() {} };

/** One end of a pair of connections that hand each other their bytes in memory, a turn later. */
export class MemoryConnection implements Connection {
  readonly peer: SocketAddress;
  readonly local: SocketAddress;
  closed = false;
  /** Everything written to this end, for tests that look at the bytes, while `keepWritten`. */
  readonly written: Buffer[] = [];
  keepWritten = true;
  /** While true the other end is handed nothing. */
  stalled = false;

  other: MemoryConnection | null = null;
  #handler: ConnectionHandler = nobody;
  #queue: Buffer[] = [];
  #queued = 0;
  #endWanted = false;
  #ended = false;
  #peerEnded = false;
  #paused = false;
  #flushDue = false;
  #drainDue = false;
  readonly #highWaterMark: number;

  constructor(port: number, peerPort: number, highWaterMark: number) {
    this.local = { ip: '127.0.0.1', port };
    this.peer = { ip: '127.0.0.1', port: peerPort };
    this.#highWaterMark = highWaterMark;
  }

  get handler(): ConnectionHandler {
    return this.#handler;
  }

  set handler(handler: ConnectionHandler) {
    this.#handler = handler;
    this.other?.schedule();
  }

  get writableLength(): number {
    return this.#queued;
  }

  write(chunk: Buffer): boolean {
    if (this.closed || this.#endWanted) return false;
    if (this.keepWritten) this.written.push(chunk);
    this.#queue.push(chunk);
    this.#queued += chunk.length;
    this.schedule();
    if (this.#queued <= this.#highWaterMark) return true;
    this.#drainDue = true;
    return false;
  }

  end(): void {
    this.#endWanted = true;
    this.schedule();
  }

  destroy(error?: Error): void {
    if (this.closed) return;
    const other = this.other;
    this.#close(error ?? null);
    if (other !== null) queueMicrotask(() => other.#close(null));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.other?.schedule();
  }

  /** Lets what was stalled go on. */
  release(): void {
    this.stalled = false;
    this.schedule();
  }

  schedule(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushDue = false;
    const other = this.other;
    if (other === null || this.stalled || this.closed || other.#handler === nobody) return;
    while (this.#queue.length > 0 && !other.#paused && !other.closed) {
      const chunk = this.#queue.length === 1 ? this.#queue[0] : Buffer.concat(this.#queue);
      this.#queue = [];
      this.#queued = 0;
      if (chunk !== undefined) other.#handler.onData(chunk);
    }
    if (this.#drainDue && this.#queued === 0 && !this.closed) {
      this.#drainDue = false;
      this.#handler.onDrain();
    }
    if (this.#endWanted && !this.#ended && this.#queue.length === 0 && !this.closed) {
      this.#ended = true;
      other.#hearEnd();
      if (this.#peerEnded) this.destroy();
    }
  }

  #hearEnd(): void {
    if (this.closed) return;
    this.#peerEnded = true;
    this.#handler.onEnd();
  }

  #close(error: Error | null): void {
    if (this.closed) return;
    this.closed = true;
    this.#queue = [];
    this.#queued = 0;
    queueMicrotask(() => this.#handler.onClose(error));
  }
}

export interface MemoryPairOptions {
  /** Bytes queued above which `write` returns false; 64 KiB unless told. */
  readonly highWaterMark?: number;
}

/** Two connections, each the other's peer. */
export function memoryConnectionPair(options: MemoryPairOptions = {}): [MemoryConnection, MemoryConnection] {
  const highWaterMark = options.highWaterMark ?? 64 * 1024;
  const left = new MemoryConnection(1001, 1002, highWaterMark);
  const right = new MemoryConnection(1002, 1001, highWaterMark);
  left.other = right;
  right.other = left;
  return [left, right];
}
