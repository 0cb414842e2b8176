import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { type JsonObject, textAt } from '../../manifest/json.ts';
import type { CheckContext } from '../engine/check.ts';
import { installedText, trustAnchorsPem } from '../objects.ts';
import { certificatesIn, subjectOf } from './x509.ts';

export const ISSUER_SECRET = 'linkerd-identity-issuer';

/** What the certificates of the mesh come from. */
export interface IdentityMaterial {
  readonly anchors: readonly X509Certificate[];
  /** The issuer first, then certificates towards the anchors. */
  readonly issuerChain: readonly X509Certificate[];
}

const SCHEMES: Readonly<Record<string, readonly [certificate: string, key: string]>> = {
  'linkerd.io/tls': ['crt.pem', 'key.pem'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export async function readAnchors(context: CheckContext): Promise<X509Certificate[]> {
  return certificatesIn(await trustAnchorsPem(context), 'the trust anchors');
}

/** Reads the issuer and the anchors. @throws with what is wrong about them. */
export async function identityMaterial(context: CheckContext): Promise<IdentityMaterial> {
  const { state, namespace } = context;
  const [anchors, scheme, secret] = await Promise.all([
    readAnchors(context),
    installedText(context, ['identity', 'issuer', 'scheme'], 'linkerd.io/tls'),
    state.get(`/api/v1/namespaces/${namespace}/secrets/${ISSUER_SECRET}`),
  ]);
  if (secret === undefined) throw new Error(`Secret ${ISSUER_SECRET} is missing in namespace "${namespace}"`);
  const files = SCHEMES[scheme];
  if (files === undefined) {
    throw new Error(`identity.issuer.scheme is "${scheme}"; it must be ${Object.keys(SCHEMES).join(' or ')}`);
  }
  const [certificateName, keyName] = files;
  const issuerChain = certificatesIn(secretText(secret, certificateName), 'the issuer');
  const key = readKey(secretText(secret, keyName));
  const [issuer] = issuerChain;
  if (issuer !== undefined && !issuer.checkPrivateKey(key)) {
    throw new Error(`the private key in ${ISSUER_SECRET} is not that of "${subjectOf(issuer)}"`);
  }
  if (!issuer?.ca) throw new Error('the issuer is not a certificate authority');
  return { anchors, issuerChain };
}

/** A member of a Secret. @throws where it is missing. */
export function secretText(secret: JsonObject, name: string): string {
  const data = textAt(secret, 'data', name);
  if (data === '') throw new Error(`Secret ${textAt(secret, 'metadata', 'name')} has no ${name}`);
  return Buffer.from(data, 'base64').toString('utf8');
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // No cause: what OpenSSL says about a key stays out of the output.
    throw new Error(`the private key in ${ISSUER_SECRET} cannot be read`);
  }
}
