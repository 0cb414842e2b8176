import type { Connection, ConnectionHandler } from '../transport/connection.ts';

/** A connection whose peer is the test: it feeds bytes in and looks at what was written. */
export class FakeConnection implements Connection {
  readonly peer = { ip: '10.0.0.2', port: 40000 };
  readonly local = { ip: '10.0.0.1', port: 8080 };
  handler: ConnectionHandler = { onData() {}, onEnd() {}, onDrain() {}, onClose() {} };
  closed = false;
  writableLength = 0;
  paused = false;
  ended = false;
  destroyed = false;
  /** What `write` answers. */
  room = true;
  #written: Buffer[] = [];

  write(chunk: Buffer): boolean {
    if (!this.closed && !this.ended) this.#written.push(chunk);
    return this.room;
  }

  end(): void {
    this.ended = true;
  }

  destroy(error?: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.destroyed = true;
    queueMicrotask(() => this.handler.onClose(error ?? null));
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  /** Everything written so far. */
  get written(): string {
    return Buffer.concat(this.#written).toString('latin1');
  }

  /** Everything written since the last call. */
  takeWritten(): string {
    const text = this.written;
    this.#written = [];
    return text;
  }

  receive(data: string | Buffer): void {
    this.handler.onData(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  receiveEnd(): void {
    this.handler.onEnd();
  }

  receiveClose(error: Error | null = null): void {
    this.closed = true;
    this.handler.onClose(error);
  }

  receiveDrain(): void {
    this.handler.onDrain();
  }
}
