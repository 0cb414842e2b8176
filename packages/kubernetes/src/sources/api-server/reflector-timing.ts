import type { BackoffBounds } from '../../api/backoff.ts';

export interface ReflectorTiming {
  /** Objects in one answer of a list. */
  readonly pageSize: number;
  /** After failures. The upper bound is how late a change may be known after the server is back. */
  readonly backoff: BackoffBounds;
  /** How often to look whether an absent kind has appeared, in ms. */
  readonly pollMs: number;
  /** How long a watch may be silent, in ms: a server sends a bookmark about every minute. */
  readonly silenceMs: number;
  /** How long a watch is asked to last, in seconds: a random time from once to twice this. */
  readonly lifetimeSeconds: number;
}

export const defaultTiming: ReflectorTiming = {
  pageSize: 250,
  backoff: { minMs: 250, maxMs: 3_000 },
  pollMs: 10_000,
  silenceMs: 180_000,
  lifetimeSeconds: 300,
};
