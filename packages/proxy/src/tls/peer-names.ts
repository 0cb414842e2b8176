import type { X509Certificate } from 'node:crypto';
import type { Credentials } from './credentials.ts';
import { issuersOf } from './peer-certificate.ts';
import { type SubjectName, subjectNames } from './subject-names.ts';
import { verifyChain } from './verify-chain.ts';

/**
 * The names by which the peer with this verified certificate may go. Where its chain leads to an anchor of the
 * mesh these are all of its names. Where it leads to the bundle of a trust domain only, they are the SPIFFE ids of
 * that domain (SPIFFE X.509-SVID, section 5.2). Throws `DerError`.
 */
export function peerNames(certificate: X509Certificate, credentials: Credentials): SubjectName[] {
  const names = subjectNames(certificate.raw);
  const { bundle, meshAnchors } = credentials;
  if (bundle === null) return names;
  const domain = `spiffe://${bundle.trustDomain}/`;
  const own = names.filter(({ kind, name }) => kind === 'uri' && name.startsWith(domain));
  if (own.length === names.length) return names;
  const byMesh = verifyChain(certificate, issuersOf(certificate), meshAnchors, Date.now()) === null;
  return byMesh ? names : own;
}
