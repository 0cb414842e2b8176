const nothing = Buffer.alloc(0);

/** Chunks put aside, in order, until they can be read. */
export class HeldInput {
  bytes = 0;
  #chunks: Buffer[] | null = null;

  push(chunk: Buffer): void {
    this.#chunks ??= [];
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /** All of it, as one. */
  take(): Buffer {
    const chunks = this.#chunks;
    this.#chunks = null;
    this.bytes = 0;
    if (chunks === null) return nothing;
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  }
}
