/** How often one identity may be certified. */
export interface LimitRate {
  /** Certificates a second, in the long run. */
  readonly perSecond: number;
  /** How many may come at once: pods that share a service account share its limit. */
  readonly burst: number;
}

export type LimitVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number };

/**
 * The generic cell rate algorithm: `arrival` is the theoretical arrival time of the next request if they came
 * evenly, in ms; the whole memory of a limit. Returns the verdict and the new arrival time.
 */
export function gcra(
  arrival: number | undefined,
  now: number,
  { perSecond, burst }: LimitRate,
): { readonly verdict: LimitVerdict; readonly arrival: number } {
  const interval = 1000 / perSecond;
  const expected = Math.max(arrival ?? now, now);
  const earliest = expected - interval * (burst - 1);
  if (earliest > now) {
    return { verdict: { kind: 'limited', retryAfterMs: Math.ceil(earliest - now) }, arrival: expected };
  }
  return { verdict: { kind: 'allowed' }, arrival: expected + interval };
}
