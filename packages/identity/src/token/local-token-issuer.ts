import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { ServiceAccount } from '../identity-name.ts';
import { keyId } from './key-id.ts';
import { identityAudience } from './token-validator.ts';

/** The key pair of a local token issuer, as PEM: the private key stays with it, the public one goes to identity. */
export interface TokenKeys {
  /** PKCS#8. */
  readonly privateKeyPem: string;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
}

export function createTokenKeys(): TokenKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKeyPem: privateKey, publicKeyPem: publicKey };
}

export interface TokenOptions extends ServiceAccount {
  readonly lifetimeMs: number;
  /** `identity.l5d.io` unless told otherwise. */
  readonly audience?: string;
  /** In ms since the epoch. */
  readonly now?: number;
}

const issuerName = 'https://kubernetes.default.svc';

/** Mints what a cluster would project into a pod: service-account tokens as JWT signed by ES256 (RFC 7518, 3.4). */
export class LocalTokenIssuer {
  readonly #key: KeyObject;
  readonly #header: string;

  constructor(privateKeyPem: string) {
    this.#key = createPrivateKey(privateKeyPem);
    this.#header = part({ alg: 'ES256', typ: 'JWT', kid: keyId(createPublicKey(this.#key)) });
  }

  mint({ namespace, name, lifetimeMs, audience = identityAudience, now = Date.now() }: TokenOptions): string {
    const seconds = Math.floor(now / 1000);
    const claims = part({
      iss: issuerName,
      aud: [audience],
      sub: `system:serviceaccount:${namespace}:${name}`,
      iat: seconds,
      nbf: seconds,
      exp: Math.ceil((now + lifetimeMs) / 1000),
    });
    const signed = `${this.#header}.${claims}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
