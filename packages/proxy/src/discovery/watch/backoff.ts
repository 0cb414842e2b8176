export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** Up to this part of the delay is added to it, at random. */
  readonly jitter: number;
}

/** The wait after `failures` earlier failures in a row; `random` is uniform in [0, 1). */
export function backoffDelay(options: BackoffOptions, failures: number, random: number): number {
  const delay = Math.min(options.maxMs, options.minMs * 2 ** Math.min(failures, 32));
  return delay + delay * options.jitter * random;
}
