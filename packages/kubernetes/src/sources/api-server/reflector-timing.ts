import type { BackoffBounds } from '../../api/backoff.ts';

export interface ReflectorTiming {
  /** Objects in one answer of a list. */
  readonly pageSize: number;
  /** After failures. The upper bound is how late a change may be known after the server is back. */
  readonly backoff: BackoffBounds;
  /** How often to look whether an absent kind has appeared, in ms. */
  readonly pollMs: number;
  /**
   * How long a watch may be silent, in ms, before it is renewed. A server sends a bookmark about every minute
   * while anything of the kind changes, and none at all while nothing does.
   */
  readonly silenceMs: number;
  /** How long a watch is asked to last, in seconds: a random time from once to twice this. */
  readonly lifetimeSeconds: number;
}

export const defaultTiming: ReflectorTiming = {
  pageSize: 50,
  backoff: { minMs: 250, maxMs: 2_000 },
  pollMs: 10_000,
  silenceMs: 75_000,
  lifetimeSeconds: 300,
};
