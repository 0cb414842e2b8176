import type { X509Certificate } from 'node:crypto';
import type { IdentityStatus } from '../identity/identity-source.ts';
import type { Credentials } from '../tls/credentials.ts';
import { subjectNames } from '../tls/subject-names.ts';
import { clipped, listed } from './listed.ts';

const maxCertificates = 20;
const maxNames = 20;

/** Who this proxy is, and whom it trusts. No key is ever part of it. */
export function describeIdentity(name: string, credentials: Credentials, status: IdentityStatus) {
  const { anchors, certified } = credentials;
  return {
    name,
    certificate: certified === null ? null : describeCertificate(certified.leaf),
    intermediates: listed(certified?.intermediates ?? [], maxCertificates, describeCertificate),
    trustAnchors: listed(anchors, maxCertificates, describeCertificate),
    validUntil: date(status.validUntil),
    refreshedAt: date(status.refreshedAt),
    nextAttemptAt: date(status.nextAttemptAt),
    installed: status.installed,
    rejected: status.rejected,
  };
}

export function describeCertificate(certificate: X509Certificate) {
  return {
    subject: oneLine(certificate.subject),
    names: listed(subjectNames(certificate.raw), maxNames, ({ name }) => clipped(name)),
    issuer: oneLine(certificate.issuer),
    serialNumber: certificate.serialNumber,
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
    sha256: certificate.fingerprint256,
  };
}

/** Node writes one attribute a line. */
const oneLine = (name: string | undefined): string => clipped((name ?? '').split('\n').join(', '));

const date = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
