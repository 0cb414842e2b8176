import type { X509Certificate } from 'node:crypto';
import { type CheckContext, failed, noneOf, type Outcome, passed } from '../engine/check.ts';
import { subjectOf } from './x509.ts';

const DAY_MS = 86_400_000;
/** Sooner than this is worth a warning. */
const SOON_MS = 60 * DAY_MS;

type Clock = Pick<CheckContext, 'now' | 'failIfExpiresWithinMs'>;

/** Fails where any certificate is not valid now. */
export function validNow(certificates: readonly X509Certificate[], { now }: Clock): Outcome {
  return noneOf(
    certificates.flatMap((certificate) => {
      const { validFromDate, validToDate } = certificate;
      if (now < validFromDate.getTime()) {
        return [`"${subjectOf(certificate)}" is valid only from ${validFromDate.toISOString()}`];
      }
      if (now > validToDate.getTime()) {
        return [`"${subjectOf(certificate)}" expired at ${validToDate.toISOString()}`];
      }
      return [];
    }),
  );
}

/** Warns of certificates that expire soon; sooner than the user allows is an error. */
export function validForLong(certificates: readonly X509Certificate[], clock: Clock): Outcome {
  const { now, failIfExpiresWithinMs = 0 } = clock;
  const left = (certificate: X509Certificate) => certificate.validToDate.getTime() - now;
  const ending = certificates.filter((one) => left(one) < Math.max(SOON_MS, failIfExpiresWithinMs));
  if (ending.length === 0) return passed;
  const lines = ending.map(
    (one) => `"${subjectOf(one)}" expires in ${inWords(left(one))}, at ${one.validToDate.toISOString()}`,
  );
  const isTooSoon = ending.some((one) => left(one) < failIfExpiresWithinMs);
  return failed(lines.join('\n'), isTooSoon ? 'error' : 'warning');
}

/** Days from two days on, hours below. */
export function inWords(ms: number): string {
  if (ms < 0) return 'the past';
  return ms >= 2 * DAY_MS ? `${Math.floor(ms / DAY_MS)} days` : `${Math.floor(ms / 3_600_000)} hours`;
}
