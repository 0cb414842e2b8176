import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { X509SVIDResponse } from '@weft/proto/workload';
import type { CertifiedKey, TrustBundle } from '../../tls/credentials.ts';
import { derDocuments } from '../../tls/der-reader.ts';
import { checkCertified } from '../check-certified.ts';
import { IdentityError } from '../identity-error.ts';

/** A certificate from a SPIRE agent, and what its trust domain trusts beyond the anchors of the mesh. */
export interface Svid extends CertifiedKey {
  readonly validUntil: Date;
  readonly bundle: TrustBundle | null;
}

export interface SvidExpectations {
  /** The SPIFFE id of this proxy. */
  readonly identity: string;
  readonly meshAnchors: readonly X509Certificate[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** How many of the names that came instead an error tells. */
const NAMES_SHOWN = 5;

/** Takes the certificate of `identity` from an answer of the agent. Throws an `IdentityError`. */
export function readSvid(
  { svids }: X509SVIDResponse,
  { identity, meshAnchors, now }: SvidExpectations,
): Svid {
  const svid = svids.find(({ spiffeId }) => spiffeId === identity);
  if (svid === undefined) {
    const found = svids.slice(0, NAMES_SHOWN).map(({ spiffeId }) => JSON.stringify(spiffeId));
    throw new IdentityError(
      'no-svid',
      `the agent certifies ${found.join(', ') || 'nobody'}, not ${identity}`,
    );
  }
  const [leaf, ...intermediates] = readCertificates(svid.x509Svid, 'certificates');
  if (leaf === undefined) throw new IdentityError('malformed', 'the answer holds no certificate');
  const bundle = readBundle(identity, svid.bundle, meshAnchors);
  const certified = checkCertified(
    {
      leaf: leaf.raw,
      intermediates: intermediates.map(({ raw }) => raw),
      validUntil: leaf.validToDate,
    },
    { identity, key: readKey(svid.x509SvidKey), anchors: [...meshAnchors, ...(bundle?.anchors ?? [])], now },
  );
  return { ...certified, bundle };
}

/** Null where all of it are anchors of the mesh anyway. */
function readBundle(
  identity: string,
  bytes: Uint8Array,
  meshAnchors: readonly X509Certificate[],
): TrustBundle | null {
  const known = new Set(meshAnchors.map(({ fingerprint256 }) => fingerprint256));
  const anchors = readCertificates(bytes, 'trust bundle').filter((each) => !known.has(each.fingerprint256));
  return anchors.length === 0 ? null : { trustDomain: new URL(identity).host, anchors };
}

function readCertificates(bytes: Uint8Array, what: string): X509Certificate[] {
  try {
    return derDocuments(Buffer.from(bytes)).map((document) => new X509Certificate(document));
  } catch (error) {
    throw new IdentityError('malformed', `the ${what} cannot be read`, error);
  }
}

/** The mesh signs with ECDSA over P-256 alone: peers could do nothing with another key. */
function readKey(der: Uint8Array): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  } catch (error) {
    throw new IdentityError('malformed', 'the private key cannot be read', error);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return key;
  throw new IdentityError(
    'wrong-key',
    `the key is ${details?.namedCurve ?? type}, the mesh needs ECDSA P-256`,
  );
}
