import { createHash } from 'node:crypto';
import { bitString, octetString, oid, sequence, taggedBytes } from '../asn1/der.ts';
import { oids } from '../asn1/oids.ts';
import type { Issuer } from '../issuer/issuer.ts';
import { commonName, extension, keyIdentifier, randomSerial, signCertificate } from './certificate-body.ts';
import type { CertificateRequest } from './csr.ts';

/** Both in milliseconds. */
export interface LeafValidity {
  readonly lifetimeMs: number;
  /** How far a peer's clock may be off: added at both ends. */
  readonly clockSkewMs: number;
}

export interface Leaf {
  readonly der: Buffer;
  /** Hexadecimal. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of the DER, hexadecimal. */
  readonly fingerprint: string;
}

const keyUsage = extension(
  oids.keyUsage,
  // digitalSignature and keyEncipherment: bits 0 and 2.
  bitString(Uint8Array.of(0b1010_0000), 5),
  true,
);
const extKeyUsage = extension(oids.extKeyUsage, sequence(oid(oids.serverAuth), oid(oids.clientAuth)));

/** Signs a leaf for `identity` and the request's key. It never outlives a certificate of the issuer's chain. */
export function issueLeaf(
  issuer: Issuer,
  csr: CertificateRequest,
  identity: string,
  validity: LeafValidity,
  now: number,
): Leaf {
  const notBefore = wholeSecond(now - validity.clockSkewMs);
  const notAfter = wholeSecond(
    Math.min(now + validity.lifetimeMs + validity.clockSkewMs, issuer.validity.notAfter),
  );
  const serial = randomSerial();
  const der = signCertificate(
    {
      serial,
      issuer: issuer.subject,
      subject: commonName(identity),
      notBefore,
      notAfter,
      spki: csr.spki,
      extensions: [
        keyUsage,
        extKeyUsage,
        ...(issuer.keyIdentifier === undefined
          ? []
          : [extension(oids.authorityKeyIdentifier, sequence(taggedBytes(0, issuer.keyIdentifier)))]),
        extension(oids.subjectKeyIdentifier, octetString(keyIdentifier(csr.spki))),
        extension(oids.subjectAltName, sequence(taggedBytes(2, Buffer.from(identity, 'ascii')))),
      ],
    },
    issuer.signer,
  );
  return {
    der,
    serial: serial.toString('hex'),
    notBefore,
    notAfter,
    fingerprint: createHash('sha256').update(der).digest('hex'),
  };
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
