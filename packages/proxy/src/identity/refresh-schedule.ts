/** Bounds of the time between two certifications, milliseconds. */
export interface RefreshBounds {
  readonly minRefreshMs: number;
  readonly maxRefreshMs: number;
}

/** Part of the remaining life after which a certificate is renewed. */
const REFRESH_AT = 0.7;

/** Milliseconds from `now` until the renewal of a certificate that is valid until `validUntil` (epoch ms). */
export function refreshDelay(now: number, validUntil: number, bounds: RefreshBounds): number {
  const wanted = Math.max(0, validUntil - now) * REFRESH_AT;
  return Math.max(bounds.minRefreshMs, Math.min(bounds.maxRefreshMs, wanted));
}
