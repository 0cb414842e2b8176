/** Memory that pieces lie in side by side. */
interface Slab {
  readonly pool: ReadMemory;
  readonly memory: Buffer;
  used: number;
  /** Holders of pieces: one for each piece taken or shared, less those given back. */
  out: number;
}

/** Bytes of slabs without pieces that are kept for later, per pool: a few connections' worth of what is under way. */
const MAX_FREE_BYTES = 2 * 1024 * 1024;

const slabs = new WeakMap<ArrayBufferLike, Slab>();

/**
 * Memory for what is read. Pieces that nobody gives back keep their slab until they are garbage; where all of them
 * come back, the same memory serves again: at hundreds of megabytes a second, collecting it costs as much as reading.
 *
 * A piece has one holder, who may pass it on, keep it for ever, or give it back. Whoever passes on a part of it and
 * goes on holding the rest, shares it first. Not giving back is always safe; giving back what somebody still looks at
 * never is.
 */
export class ReadMemory {
  /** For tests: hears of memory that nobody holds any more, before it is read into again. */
  static onFree: ((memory: Buffer) => void) | null = null;

  readonly #bytes: number;
  readonly #free: Slab[] = [];
  #current: Slab;

  /** `bytes`: of one slab, and of the largest piece. */
  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#current = this.#create();
  }

  take(length: number): Buffer {
    if (this.#current.used + length > this.#bytes) this.#current = this.#free.pop() ?? this.#create();
    const slab = this.#current;
    const start = slab.used;
    slab.used += length;
    slab.out++;
    return slab.memory.subarray(start, slab.used);
  }

  /** One more holder of a piece, or of a part of it: it is out until that one has given it back, too. */
  static share(piece: Buffer): void {
    const slab = slabs.get(piece.buffer);
    if (slab !== undefined) slab.out++;
  }

  /** One holder less of a piece, or of a part of it; memory from elsewhere is left alone. */
  static give(piece: Buffer): void {
    const slab = slabs.get(piece.buffer);
    if (slab === undefined || --slab.out > 0) return;
    slab.used = 0;
    ReadMemory.onFree?.(slab.memory);
    slab.pool.#keep(slab);
  }

  #keep(slab: Slab): void {
    if (slab !== this.#current && (this.#free.length + 1) * this.#bytes <= MAX_FREE_BYTES)
      this.#free.push(slab);
  }

  #create(): Slab {
    const slab = { pool: this, memory: Buffer.allocUnsafeSlow(this.#bytes), used: 0, out: 0 };
    slabs.set(slab.memory.buffer, slab);
    return slab;
  }
}
