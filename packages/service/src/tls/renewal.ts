/** Bounds of the wait between two certifications, in ms. */
export interface RenewalBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Linkerd's defaults. */
export const defaultRenewalBounds: RenewalBounds = { minMs: 10_000, maxMs: 24 * 3_600_000 };

/** How long after a success the next certification begins: 70 % of the certificate's remaining life, within bounds. */
export function renewAfter(validUntil: number, now: number, bounds: RenewalBounds): number {
  return Math.min(Math.max(0.7 * (validUntil - now), bounds.minMs), bounds.maxMs);
}

const firstRetryMs = 100;
/** Without a certificate a service cannot serve, and its few replicas are no burden to the issuer. */
const longestRetryMs = 1_000;

/**
 * How long after the `failures`-th failure in a row the next attempt begins: doubling up to a second, and the lower
 * bound while a certificate is still valid and nothing is waiting.
 */
export function retryAfter(failures: number, hasCertificate: boolean, bounds: RenewalBounds): number {
  if (hasCertificate) return bounds.minMs;
  return Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 16), longestRetryMs, bounds.minMs);
}
