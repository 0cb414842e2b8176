import type { Sample } from './prometheus-text.ts';
import type { ObservedPod } from './workloads.ts';

/** The certificate a proxy holds. */
export interface CertificateReport {
  /** `namespace/name`. */
  readonly pod: string;
  readonly identity: string;
  /** RFC 3339, as the other times. */
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly ageSeconds: number;
  readonly nextRenewalAt: string;
  /** How many followed the first one. */
  readonly renewals: number;
}

export const CERTIFICATE_METRICS: ReadonlySet<string> = new Set([
  'control_identity_cert_expiration_timestamp_seconds',
  'control_identity_cert_refresh_timestamp_seconds',
  'control_identity_cert_refreshes_total',
]);

/** The share of its remaining lifetime after which a proxy renews its certificate. */
const RENEWAL_SHARE = 0.7;

/** What a proxy's metrics say of its certificate at `now` (milliseconds); undefined before the first one. */
export function certificateReport(
  pod: ObservedPod,
  samples: readonly Sample[],
  now: number,
): CertificateReport | undefined {
  const value = (name: string, result?: string) =>
    samples.find(
      (sample) => sample.name === name && (result === undefined || sample.labels.result === result),
    )?.value;
  const expires = value('control_identity_cert_expiration_timestamp_seconds');
  const refreshed = value('control_identity_cert_refresh_timestamp_seconds');
  if (!expires || !refreshed) return undefined;
  const time = (seconds: number) => new Date(seconds * 1000).toISOString();
  return {
    pod: `${pod.namespace}/${pod.name}`,
    identity: pod.identity,
    issuedAt: time(refreshed),
    expiresAt: time(expires),
    ageSeconds: Math.max(0, Math.round(now / 1000 - refreshed)),
    nextRenewalAt: time(refreshed + RENEWAL_SHARE * (expires - refreshed)),
    renewals: Math.max(0, (value('control_identity_cert_refreshes_total', 'ok') ?? 1) - 1),
  };
}
