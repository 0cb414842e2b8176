import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { CertifiedKey } from './credentials.ts';
import {
  derBitString,
  derBoolean,
  derConstructed,
  derImplicit,
  derInteger,
  derObjectId,
  derOctetString,
  derSequence,
  derSet,
  derUtf8String,
  derValue,
} from './der-writer.ts';

/** One GeneralName of a subjectAltName, already in DER. */
export const dnsName = (name: string) => derImplicit(2, Buffer.from(name, 'latin1'));
export const uriName = (uri: string) => derImplicit(6, Buffer.from(uri, 'latin1'));
export const emailName = (email: string) => derImplicit(1, Buffer.from(email, 'latin1'));

export interface CertificateShape {
  readonly commonName?: string;
  /** GeneralNames in DER, see `dnsName`; without any there is no such extension. */
  readonly names?: readonly Buffer[];
  readonly ca?: boolean;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Dotted object ids; serverAuth and clientAuth unless told. */
  readonly extendedKeyUsage?: readonly string[];
  readonly publicKey?: KeyObject;
}

const HOUR = 3_600_000;
const ECDSA_WITH_SHA256 = derSequence(derObjectId('1.2.840.10045.4.3.2'));
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

export const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Someone who signs: a root, or an issuer below one. */
export class Authority {
  readonly certificate: X509Certificate;
  readonly #key: KeyObject;
  readonly #name: string;
  /** From this authority's own certificate up to, and without, the root. */
  readonly #chain: readonly X509Certificate[];

  private constructor(certificate: X509Certificate, key: KeyObject, name: string, chain: X509Certificate[]) {
    this.certificate = certificate;
    this.#key = key;
    this.#name = name;
    this.#chain = chain;
  }

  static root(commonName = 'root.linkerd.cluster.local', shape: CertificateShape = {}): Authority {
    const { publicKey, privateKey } = newKey();
    const certificate = buildCertificate(
      { ...shape, commonName, ca: true, publicKey },
      commonName,
      privateKey,
    );
    return new Authority(certificate, privateKey, commonName, []);
  }

  /** An issuer below this authority. */
  issuer(commonName = 'identity.linkerd.cluster.local', shape: CertificateShape = {}): Authority {
    const { publicKey, privateKey } = newKey();
    const certificate = this.sign({ ...shape, commonName, ca: true, publicKey });
    return new Authority(certificate, privateKey, commonName, [certificate, ...this.#chain]);
  }

  sign(shape: CertificateShape): X509Certificate {
    return buildCertificate(shape, this.#name, this.#key);
  }

  /** A leaf with a new key, named by one DNS name unless the shape says otherwise. */
  certify(identity: string, shape: CertificateShape = {}): CertifiedKey {
    const { publicKey, privateKey } = newKey();
    const leaf = this.sign({ commonName: identity, names: [dnsName(identity)], publicKey, ...shape });
    return { key: privateKey, leaf, intermediates: this.#chain };
  }
}

function buildCertificate(shape: CertificateShape, issuer: string, key: KeyObject): X509Certificate {
  const publicKey = shape.publicKey ?? newKey().publicKey;
  const tbs = derSequence(
    derConstructed(0, derInteger(Buffer.from([2]))),
    derInteger(randomBytes(16)),
    ECDSA_WITH_SHA256,
    name(issuer),
    derSequence(
      time(shape.notBefore ?? new Date(Date.now() - HOUR)),
      time(shape.notAfter ?? new Date(Date.now() + 24 * HOUR)),
    ),
    name(shape.commonName ?? ''),
    publicKey.export({ type: 'spki', format: 'der' }),
    derConstructed(3, derSequence(...extensions(shape))),
  );
  return new X509Certificate(derSequence(tbs, ECDSA_WITH_SHA256, derBitString(sign('sha256', tbs, key))));
}

function extensions(shape: CertificateShape): Buffer[] {
  if (shape.ca) {
    return [
      extension('2.5.29.19', true, derSequence(derBoolean(true))),
      extension('2.5.29.15', true, derBitString(Buffer.from([0x06]), 1)), // keyCertSign, cRLSign
    ];
  }
  const usages = shape.extendedKeyUsage ?? [SERVER_AUTH, CLIENT_AUTH];
  const list = [
    extension('2.5.29.15', true, derBitString(Buffer.from([0xa0]), 5)), // digitalSignature, keyEncipherment
    extension('2.5.29.37', false, derSequence(...usages.map(derObjectId))),
  ];
  if (shape.names !== undefined) list.push(extension('2.5.29.17', false, derSequence(...shape.names)));
  return list;
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return derSequence(derObjectId(id), ...(critical ? [derBoolean(true)] : []), derOctetString(value));
}

function name(commonName: string): Buffer {
  if (commonName === '') return derSequence();
  return derSequence(derSet(derSequence(derObjectId('2.5.4.3'), derUtf8String(commonName))));
}

/** GeneralizedTime: YYYYMMDDHHMMSSZ. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return derValue(0x18, Buffer.from(digits, 'latin1'));
}
