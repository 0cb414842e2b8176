export interface BackoffBounds {
  /** Before the first retry, in ms. */
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait after so many failures in a row, in ms: doubling from `minMs` to `maxMs`, of which a random
 * part between a half and the whole, so that those who failed together do not come back together. `random` is
 * from 0 to 1.
 */
export function backoffMs(failures: number, { minMs, maxMs }: BackoffBounds, random: number): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return full * (0.5 + random / 2);
}
