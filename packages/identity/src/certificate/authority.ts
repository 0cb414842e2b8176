import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { splitPem, toPem } from '@weft/service/pem';
import {
  bitString,
  boolean,
  decode,
  type Node,
  octetString,
  partsOf,
  sequence,
  taggedBytes,
} from '../asn1/der.ts';
import { oids } from '../asn1/oids.ts';
import { commonName, extension, keyIdentifier, randomSerial, signCertificate } from './certificate-body.ts';
import { signerOf } from './signature-algorithm.ts';

/** A certificate authority as PEM text. */
export interface AuthorityPem {
  /** The authority first; an issuer's chain does not hold the anchor. */
  readonly certChainPem: string;
  /** PKCS#8. */
  readonly keyPem: string;
}

export interface AuthorityOptions {
  /** Common name, such as `root.linkerd.cluster.local` or `identity.linkerd.cluster.local`. */
  readonly name: string;
  readonly lifetimeMs: number;
  /** Begin of the validity in ms since the epoch; now, unless told otherwise. */
  readonly now?: number;
  /** Subtracted from the begin; a minute unless told otherwise. */
  readonly clockSkewMs?: number;
  readonly key?: 'p256' | 'p384' | 'rsa' | 'ed25519';
}

/** Makes a self-signed trust anchor. */
export function createTrustAnchor(options: AuthorityOptions): AuthorityPem {
  const key = newKey(options.key);
  const spki = spkiOf(key);
  return sign(options, key, { subject: commonName(options.name), key, spki });
}

/** Makes an issuer that `anchor` (or another issuer) has signed. It never outlives what signed it. */
export function createIssuer(anchor: AuthorityPem, options: AuthorityOptions): AuthorityPem {
  const parent = new X509Certificate(anchor.certChainPem);
  const parentKey = createPrivateKey(anchor.keyPem);
  const [body] = partsOf(decode(parent.raw), 'certificate');
  const issued = sign(options, newKey(options.key), {
    subject: partsOf(body, 'certificate')[5]!,
    key: parentKey,
    spki: spkiOf(parentKey),
    notAfter: parent.validToDate.getTime(),
  });
  if (parent.checkIssued(parent)) return issued;
  const between = splitPem(anchor.certChainPem).map((pem) => `${pem}\n`);
  return { ...issued, certChainPem: issued.certChainPem + between.join('') };
}

interface Parent {
  readonly subject: Node;
  readonly key: KeyObject;
  readonly spki: Node;
  readonly notAfter?: number;
}

function sign(options: AuthorityOptions, key: KeyObject, parent: Parent): AuthorityPem {
  const { name, lifetimeMs, now = Date.now(), clockSkewMs = 60_000 } = options;
  const spki = spkiOf(key);
  const der = signCertificate(
    {
      serial: randomSerial(),
      issuer: parent.subject,
      subject: commonName(name),
      notBefore: new Date(now - clockSkewMs),
      notAfter: new Date(Math.min(now + lifetimeMs, parent.notAfter ?? Number.POSITIVE_INFINITY)),
      spki,
      extensions: [
        extension(oids.basicConstraints, sequence(boolean(true)), true),
        // keyCertSign and cRLSign: bits 5 and 6.
        extension(oids.keyUsage, bitString(Uint8Array.of(0b0000_0110), 1), true),
        extension(oids.subjectKeyIdentifier, octetString(keyIdentifier(spki))),
        extension(oids.authorityKeyIdentifier, sequence(taggedBytes(0, keyIdentifier(parent.spki)))),
        extension(oids.subjectAltName, sequence(taggedBytes(2, Buffer.from(name, 'ascii')))),
      ],
    },
    signerOf(parent.key),
  );
  return {
    certChainPem: toPem('CERTIFICATE', der),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function newKey(kind: AuthorityOptions['key'] = 'p256'): KeyObject {
  switch (kind) {
    case 'p256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'p384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
  }
}

function spkiOf(key: KeyObject): Node {
  return decode(createPublicKey(key).export({ type: 'spki', format: 'der' }));
}
