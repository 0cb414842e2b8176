import { randomFillSync } from 'node:crypto';

const SPAN_ID_BYTES = 8;

/** Filled at once for many ids. */
const pool = Buffer.allocUnsafeSlow(512 * SPAN_ID_BYTES);
let used = pool.length;

export function newSpanId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const id = pool.toString('hex', used, used + SPAN_ID_BYTES);
  used += SPAN_ID_BYTES;
  return id;
}

/** An id of nothing but zeros is none. */
export const isId = (hex: string): boolean => /[^0]/.test(hex);
