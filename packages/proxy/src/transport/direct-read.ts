/**
 * By default Node makes a buffer of 64 KiB for every read and, if few bytes came, another one; on TLS connections a few
 * bytes keep all of it. Under load that is what garbage collection is busy with. Instead all sockets of the process read
 * into one buffer, and what came is copied: pieces of about a size side by side into shared memory, large ones into
 * memory of their own size.
 */
export const arrival = Buffer.allocUnsafeSlow(64 * 1024);

/** Memory that pieces share. All of it stays for as long as any of them. */
class Pool {
  readonly #bytes: number;
  #memory: Buffer;
  #used = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#memory = Buffer.allocUnsafeSlow(bytes);
  }

  take(length: number): Buffer {
    if (this.#used + length > this.#bytes) {
      this.#memory = Buffer.allocUnsafeSlow(this.#bytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    return this.#memory.subarray(start, this.#used);
  }
}

/** Pieces up to this many bytes share memory with their like. */
const LARGEST_SMALL = 4 * 1024;
/** And so do these: what one record of TLS brings is 16 KiB, too much to be allocated each time. */
const LARGEST_MEDIUM = 20 * 1024;

const small = new Pool(64 * 1024);
const medium = new Pool(256 * 1024);

/** A copy of the first bytes of `arrival`, which is overwritten by the next read of any socket. */
export function takeArrived(length: number): Buffer {
  const bytes = takeMemory(length);
  arrival.copy(bytes, 0, 0, length);
  return bytes;
}

function takeMemory(length: number): Buffer {
  if (length <= LARGEST_SMALL) return small.take(length);
  return length <= LARGEST_MEDIUM ? medium.take(length) : Buffer.allocUnsafeSlow(length);
}
