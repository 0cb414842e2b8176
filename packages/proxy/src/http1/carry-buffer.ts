const INITIAL_BYTES = 1024;
const nothing = Buffer.alloc(0);

/**
 * The beginning of something that has not arrived whole. Whoever appends bounds its length. What `append`
 * and `view` return stays untouched once the carry has been cleared.
 */
export class CarryBuffer {
  length = 0;
  #bytes: Buffer = nothing;

  /** Adds `chunk` from `offset` on and returns everything so far. */
  append(chunk: Buffer, offset: number): Buffer {
    const length = this.length + chunk.length - offset;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2, INITIAL_BYTES));
      this.#bytes.copy(grown, 0, 0, this.length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.length, offset);
    this.length = length;
    return this.view();
  }

  view(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
    this.#bytes = nothing;
  }
}
