import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bitString, constructed, integer, objectIdentifier, octetString, sequence, text } from './der.ts';
import { toPem } from './pem.ts';

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const hour = 3_600_000;

export interface CertificateOptions {
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly isCa?: boolean;
}

/** A certificate authority for tests: a trust anchor that signs leaves of any kind. */
export class TestAuthority {
  readonly key: KeyObject = newKey();
  readonly name: string;
  readonly anchorDer: Buffer;
  readonly anchorPem: string;

  constructor(name = 'root.linkerd.cluster.local') {
    this.name = name;
    this.anchorDer = this.#sign(name, this.key, { isCa: true });
    this.anchorPem = toPem('CERTIFICATE', this.anchorDer);
  }

  /** A leaf with one DNS name, unless told otherwise. */
  issue(identity: string, options: CertificateOptions = {}) {
    const key = newKey();
    const der = this.#sign(identity, key, { dns: [identity], ...options });
    return {
      der,
      certChainPem: toPem('CERTIFICATE', der),
      keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }

  /** A certificate for the key of a request whose signature nobody checks. */
  issueFor(identity: string, publicKey: KeyObject, options: CertificateOptions = {}): Buffer {
    return this.#signPublic(identity, publicKey, { dns: [identity], ...options });
  }

  #sign(subject: string, key: KeyObject, options: CertificateOptions): Buffer {
    return this.#signPublic(subject, createPublicKey(key), options);
  }

  #signPublic(subject: string, publicKey: KeyObject, options: CertificateOptions): Buffer {
    const {
      dns = [],
      uris = [],
      isCa = false,
      notBefore = new Date(Date.now() - hour),
      notAfter = new Date(Date.now() + hour),
    } = options;
    const extensions = isCa
      ? [extension('2.5.29.19', sequence(Buffer.from([0x01, 0x01, 0xff])))]
      : [
          extension(
            '2.5.29.37',
            sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'), objectIdentifier('1.3.6.1.5.5.7.3.2')),
          ),
          extension(
            '2.5.29.17',
            sequence(...dns.map((name) => text(0x82, name)), ...uris.map((uri) => text(0x86, uri))),
          ),
        ];
    const tbs = sequence(
      constructed(0xa0, integer(2)),
      constructed(0x02, Buffer.from([1]), randomBytes(8)),
      ecdsaWithSha256,
      commonName(this.name),
      sequence(time(notBefore), time(notAfter)),
      commonName(subject),
      publicKey.export({ type: 'spki', format: 'der' }),
      constructed(0xa3, sequence(...extensions)),
    );
    return sequence(tbs, ecdsaWithSha256, bitString(sign('sha256', tbs, this.key)));
  }
}

export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function commonName(name: string): Buffer {
  return sequence(constructed(0x31, sequence(objectIdentifier('2.5.4.3'), text(0x0c, name))));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(id), octetString(value));
}

function time(date: Date): Buffer {
  return text(0x18, `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`);
}
