/**
 * By default Node makes a buffer of 64 KiB for every read and, if few bytes came, another one; on TLS connections a few
 * bytes keep all of it. Under load that is what garbage collection is busy with. Instead all sockets of the process read
 * into one buffer, and what came is copied: small pieces side by side into shared memory, large ones into memory of
 * their own size.
 */
export const arrival = Buffer.allocUnsafeSlow(64 * 1024);

/** Pieces up to this many bytes share memory. */
const LARGEST_SHARED = 4 * 1024;
const POOL_BYTES = 64 * 1024;

let pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let poolUsed = 0;

/** A copy of the first bytes of `arrival`, which is overwritten by the next read of any socket. */
export function takeArrived(length: number): Buffer {
  const bytes = length > LARGEST_SHARED ? Buffer.allocUnsafeSlow(length) : takeShared(length);
  arrival.copy(bytes, 0, 0, length);
  return bytes;
}

function takeShared(length: number): Buffer {
  if (poolUsed + length > POOL_BYTES) {
    pool = Buffer.allocUnsafeSlow(POOL_BYTES);
    poolUsed = 0;
  }
  const start = poolUsed;
  poolUsed += length;
  return pool.subarray(start, poolUsed);
}
