import { ReadMemory } from './read-memory.ts';

/**
 * By default Node makes a buffer of 64 KiB for every read and, if few bytes came, another one; on TLS connections a few
 * bytes keep all of it. Under load that is what garbage collection is busy with. Instead all sockets of the process read
 * into one buffer, and what came is copied: pieces of about a size side by side into shared memory. A connection that
 * brings much at a time reads into such memory itself.
 */
export const arrival = Buffer.allocUnsafeSlow(64 * 1024);

/** Pieces up to this many bytes share memory with their like. */
const LARGEST_SMALL = 4 * 1024;
/** And so do these: what one record of TLS brings is 16 KiB, too much to be allocated each time. */
const LARGEST_MEDIUM = 20 * 1024;
/** What a full record of TLS brings: the shortest read that is worth memory in advance for the next one. */
const FULL_RECORD = 16 * 1024;
/**
 * Bytes after which a connection may be one that brings much. Whoever looks at the first bytes and then hands the
 * socket on, to TLS, has done so long before.
 */
const PROVEN = 128 * 1024;
/** Connections with memory of their own. It stays theirs while nothing comes, so beyond it they share `arrival`. */
const MAX_OWNERS = 32;

const small = new ReadMemory(64 * 1024);
const medium = new ReadMemory(256 * 1024);
const large = new ReadMemory(arrival.length);

let owners = 0;

/** Where one connection reads. The kernel, or TLS, writes to the buffer that was returned last. */
export class ReadTarget {
  #own: Buffer | null = null;

  /** What a read has brought; `next` has to follow before there is another. */
  take(length: number): Buffer {
    const own = this.#own;
    if (own === null) return copyArrived(length);
    return length === own.length ? own : own.subarray(0, length);
  }

  /** Where to read next after `length` bytes, the last of `total`; undefined: where it was. */
  next(length: number, total: number): Buffer | undefined {
    const had = this.#own !== null;
    if (had) owners--;
    if (length < FULL_RECORD || total < PROVEN || owners === MAX_OWNERS) {
      this.#own = null;
      return had ? arrival : undefined;
    }
    owners++;
    this.#own = takeMemory(length === FULL_RECORD ? FULL_RECORD : arrival.length);
    return this.#own;
  }

  /** Nothing is read any more. */
  close(): void {
    if (this.#own === null) return;
    owners--;
    ReadMemory.give(this.#own);
    this.#own = null;
  }
}

/** A copy of the first bytes of `arrival`, which is overwritten by the next read of any socket. */
function copyArrived(length: number): Buffer {
  const bytes = takeMemory(length);
  arrival.copy(bytes, 0, 0, length);
  return bytes;
}

function takeMemory(length: number): Buffer {
  if (length <= LARGEST_SMALL) return small.take(length);
  return length <= LARGEST_MEDIUM ? medium.take(length) : large.take(length);
}
