import type { X509Certificate } from 'node:crypto';

/**
 * Looks for a way from a leaf over some of `intermediates` to one of `anchors`, all valid at `now` (epoch
 * ms). Null when there is one, else what stands in the way, for a log line.
 */
export function verifyChain(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: number,
): string | null {
  let current = leaf;
  const left = new Set(intermediates);
  for (;;) {
    const lapsed = validityProblem(current, now);
    if (lapsed !== null) return lapsed;
    if (anchors.some((anchor) => isIssuerOf(anchor, current) && validityProblem(anchor, now) === null)) {
      return null;
    }
    const next = [...left].find((candidate) => isIssuerOf(candidate, current));
    if (next === undefined) return `no trust anchor and no intermediate has issued ${describe(current)}`;
    left.delete(next);
    current = next;
  }
}

function isIssuerOf(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

function validityProblem(certificate: X509Certificate, now: number): string | null {
  if (now < certificate.validFromDate.getTime()) return `${describe(certificate)} is not valid yet`;
  if (now > certificate.validToDate.getTime()) return `${describe(certificate)} has expired`;
  return null;
}

function describe(certificate: X509Certificate): string {
  return `the certificate ${JSON.stringify(certificate.subject ?? '')}`;
}
