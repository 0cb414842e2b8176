/** Starts writing all of the bytes and calls back when that is done or has failed. */
export type WriteBytes = (bytes: Buffer, done: (error: Error | null) => void) => void;

export interface LineSinkOptions {
  readonly write: WriteBytes;
  /** Bytes that may wait; lines beyond are dropped. */
  readonly capacity: number;
  onDropped(lines: number): void;
}

/**
 * Writes lines in the background, as many at a time as there are. A reader that stalls or has gone costs
 * lines, never memory or time.
 */
export class LineSink {
  readonly #options: LineSinkOptions;
  #lines: string[] = [];
  #bytes = 0;
  #writing = false;
  #scheduled = false;

  constructor(options: LineSinkOptions) {
    this.#options = options;
  }

  write(line: string): void {
    // Every character takes one byte at least.
    if (this.#bytes + line.length + 1 > this.#options.capacity) {
      this.#options.onDropped(1);
      return;
    }
    this.#bytes += line.length + 1;
    this.#lines.push(line);
    if (this.#writing || this.#scheduled) return;
    this.#scheduled = true;
    // What is logged in one turn leaves together.
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /**
   * Takes what waits, for who can write it at once (at the end of the process). Nothing while a write is under
   * way: the next one might never return.
   */
  takeRest(): Buffer {
    return this.#writing ? Buffer.alloc(0) : this.#take().bytes;
  }

  #flush(): void {
    if (this.#writing || this.#lines.length === 0) return;
    this.#writing = true;
    const { bytes, count, size } = this.#take();
    // Bytes under way count until they have left.
    this.#bytes = size;
    this.#options.write(bytes, (error) => {
      this.#writing = false;
      this.#bytes -= size;
      if (error !== null) this.#options.onDropped(count);
      this.#flush();
    });
  }

  #take(): { bytes: Buffer; count: number; size: number } {
    const lines = this.#lines;
    const size = this.#bytes;
    this.#lines = [];
    this.#bytes = 0;
    const bytes = Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
    return { bytes, count: lines.length, size };
  }
}
