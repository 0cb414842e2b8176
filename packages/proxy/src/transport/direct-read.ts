import { ReadMemory } from './read-memory.ts';

/**
 * By default Node makes a buffer of 64 KiB for every read and, if few bytes came, another one; on TLS connections a few
 * bytes keep all of it. Under load that is what garbage collection is busy with. Instead all sockets of the process read
 * into one buffer, and what came is copied: pieces of about a size side by side into shared memory.
 */
export const arrival = Buffer.allocUnsafeSlow(64 * 1024);

/** Pieces up to this many bytes share memory with their like. */
const LARGEST_SMALL = 4 * 1024;
/** And so do these: what one record of TLS brings is 16 KiB, too much to be allocated each time. */
const LARGEST_MEDIUM = 20 * 1024;

const small = new ReadMemory(64 * 1024);
const medium = new ReadMemory(256 * 1024);
const large = new ReadMemory(arrival.length);

/** A copy of the first bytes of `arrival`, which is overwritten by the next read of any socket. */
export function takeArrived(length: number): Buffer {
  const bytes = takeMemory(length);
  arrival.copy(bytes, 0, 0, length);
  return bytes;
}

function takeMemory(length: number): Buffer {
  if (length <= LARGEST_SMALL) return small.take(length);
  return length <= LARGEST_MEDIUM ? medium.take(length) : large.take(length);
}
