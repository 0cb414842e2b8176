import { LF } from './bytes.ts';

const INITIAL_BYTES = 1024;
const nothing = Buffer.alloc(0);

/**
 * The beginning of a section of lines that has not come whole. Whoever keeps something here bounds its
 * length. What `join` returns stays untouched once the carry has been cleared.
 */
export class CarryBuffer {
  #bytes: Buffer = nothing;
  #length = 0;

  get empty(): boolean {
    return this.#length === 0;
  }

  /**
   * What was kept with `chunk` behind it. Null while it would be in vain to scan that: no line has ended
   * since the last time, and it is not too long yet. So what trickles in is not scanned again and again.
   */
  join(chunk: Buffer, maxBytes: number): Buffer | null {
    if (this.#length === 0) return chunk;
    this.#append(chunk, 0);
    if (this.#length <= maxBytes && chunk.indexOf(LF) === -1) return null;
    return this.#bytes.subarray(0, this.#length);
  }

  /** Keeps what was scanned in vain, from `offset` on; nothing happens when it came from here. */
  keep(bytes: Buffer, offset: number): void {
    if (this.#length === 0) this.#append(bytes, offset);
  }

  clear(): void {
    this.#length = 0;
    this.#bytes = nothing;
  }

  #append(chunk: Buffer, offset: number): void {
    const length = this.#length + chunk.length - offset;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2, INITIAL_BYTES));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length, offset);
    this.#length = length;
  }
}
