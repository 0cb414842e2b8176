import type { X509Certificate } from 'node:crypto';

/** When every certificate of a chain is valid, in ms since the epoch. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export type ChainResult =
  | { readonly kind: 'chain'; readonly validity: Validity }
  | { readonly kind: 'broken'; readonly reason: string };

/**
 * Follows `certificate` over the intermediates to one of the anchors. Signatures and CA marks are checked;
 * dates are not, but their intersection is part of the answer, so that it can be compared with any later moment.
 * Of several anchors that fit, the one that is valid longest counts.
 */
export function verifyChain(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): ChainResult {
  const unused = new Set(intermediates);
  let current = certificate;
  let validity = validityOf(certificate);
  for (;;) {
    const anchor = anchors
      .filter((candidate) => candidate.raw.equals(current.raw) || hasIssued(candidate, current))
      .toSorted((a, b) => validityOf(b).notAfter - validityOf(a).notAfter)[0];
    if (anchor !== undefined) return { kind: 'chain', validity: both(validity, validityOf(anchor)) };
    const next = [...unused].find((candidate) => hasIssued(candidate, current));
    if (next === undefined) {
      return {
        kind: 'broken',
        reason: `"${oneLine(current.issuer)}", who issued "${oneLine(current.subject)}", is neither an intermediate nor a trust anchor`,
      };
    }
    unused.delete(next);
    validity = both(validity, validityOf(next));
    current = next;
  }
}

export function validityOf(certificate: X509Certificate): Validity {
  return { notBefore: certificate.validFromDate.getTime(), notAfter: certificate.validToDate.getTime() };
}

/** Names of X509Certificate have a line for every part. */
export function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}

function hasIssued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

function both(a: Validity, b: Validity): Validity {
  return { notBefore: Math.max(a.notBefore, b.notBefore), notAfter: Math.min(a.notAfter, b.notAfter) };
}
