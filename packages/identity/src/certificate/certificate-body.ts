import { createHash, randomBytes } from 'node:crypto';
import {
  bitString,
  boolean,
  bytesOf,
  encode,
  integer,
  type Node,
  octetString,
  oid,
  partsOf,
  sequence,
  set,
  tagged,
  time,
  utf8,
} from '../asn1/der.ts';
import { oids } from '../asn1/oids.ts';
import type { Signer } from './signature-algorithm.ts';

export interface CertificateBody {
  readonly serial: Uint8Array;
  readonly issuer: Node;
  readonly subject: Node;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly spki: Node;
  readonly extensions: readonly Node[];
}

const version3 = tagged(0, integer(Uint8Array.of(2)));

/** The certificate of RFC 5280, 4.1, signed, in DER. */
export function signCertificate(body: CertificateBody, signer: Signer): Buffer {
  const toBeSigned = sequence(
    version3,
    integer(body.serial),
    signer.identifier,
    body.issuer,
    sequence(time(body.notBefore), time(body.notAfter)),
    body.subject,
    body.spki,
    tagged(3, sequence(...body.extensions)),
  );
  return encode(sequence(toBeSigned, signer.identifier, bitString(signer.sign(encode(toBeSigned)))));
}

/** 16 random bytes of a positive number whose length never varies. */
export function randomSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return serial;
}

export function commonName(name: string): Node {
  return sequence(set(sequence(oid(oids.commonName), utf8(name))));
}

export function extension(id: string, content: Node, critical = false): Node {
  const value = octetString(encode(content));
  return critical ? sequence(oid(id), boolean(true), value) : sequence(oid(id), value);
}

/** The usual key identifier: SHA-1 of the public key's bits (RFC 5280, 4.2.1.2). */
export function keyIdentifier(spki: Node): Buffer {
  const bits = bytesOf(partsOf(spki, 'public key')[1], 'public key').subarray(1);
  return createHash('sha1').update(bits).digest();
}
