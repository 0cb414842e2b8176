import { type KeyObject, X509Certificate } from 'node:crypto';
import type { CertifiedKey } from '../tls/credentials.ts';
import { hasIdentity, subjectNames } from '../tls/subject-names.ts';
import { verifyChain } from '../tls/verify-chain.ts';
import type { CertifyResponse } from './certify.ts';
import { IdentityError } from './identity-error.ts';

export interface CertifiedExpectations {
  readonly identity: string;
  readonly key: KeyObject;
  readonly anchors: readonly X509Certificate[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Makes sure that an answer is what was asked for. Throws an `IdentityError`. */
export function checkCertified(
  response: CertifyResponse,
  { identity, key, anchors, now }: CertifiedExpectations,
): CertifiedKey & { readonly validUntil: Date } {
  const { validUntil } = response;
  if (validUntil === null) throw new IdentityError('lapsed', 'the certificate came without valid_until');
  if (!(validUntil.getTime() > now)) {
    throw new IdentityError('lapsed', `the certificate was valid until ${dateText(validUntil)} only`);
  }
  const leaf = readCertificate(response.leaf, 'leaf');
  const intermediates = response.intermediates.map((der) => readCertificate(der, 'intermediate'));
  if (!leaf.checkPrivateKey(key)) throw new IdentityError('wrong-key', 'the certificate is for another key');
  const names = subjectNames(leaf.raw);
  if (!hasIdentity(names, identity)) {
    const found = names.map(({ name }) => name).join(', ') || 'nobody';
    throw new IdentityError('wrong-name', `the certificate is for ${found}, not for ${identity}`);
  }
  const problem = verifyChain(leaf, intermediates, anchors, now);
  if (problem !== null) throw new IdentityError('untrusted', problem);
  return { key, leaf, intermediates, validUntil };
}

function readCertificate(der: Uint8Array, role: string): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (error) {
    throw new IdentityError('malformed', `the ${role} certificate cannot be read`, error);
  }
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'no date' : date.toISOString();
}
