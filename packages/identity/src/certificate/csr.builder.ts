import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  decode,
  encode,
  integer,
  type Node,
  nothing,
  octetString,
  oid,
  sequence,
  set,
  tagged,
  taggedBytes,
} from '../asn1/der.ts';
import { oids } from '../asn1/oids.ts';
import { commonName } from './certificate-body.ts';

export const keys = {
  p256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  p384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  rsa: (modulusLength = 2048) => generateKeyPairSync('rsa', { modulusLength }).privateKey,
  ed25519: () => generateKeyPairSync('ed25519').privateKey,
};

const shared = keys.p256();

export interface CsrOptions {
  readonly key?: KeyObject;
  /** Signs in place of `key`. */
  readonly signedBy?: KeyObject;
  readonly commonName?: string | null;
  readonly dns?: readonly string[];
  readonly email?: string;
  readonly uri?: string;
  readonly ip?: Uint8Array;
  readonly ca?: boolean;
}

/** A request like the proxies send, unless told otherwise. */
export function csrFor(identity: string, options: CsrOptions = {}): Buffer {
  const { key = shared, signedBy = key, dns = [identity], email, uri, ip, ca = false } = options;
  const names: Node[] = dns.map((name) => taggedBytes(2, Buffer.from(name)));
  if (email !== undefined) names.push(taggedBytes(1, Buffer.from(email)));
  if (uri !== undefined) names.push(taggedBytes(6, Buffer.from(uri)));
  if (ip !== undefined) names.push(taggedBytes(7, ip));
  const extensions = [sequence(oid(oids.subjectAltName), octetString(encode(sequence(...names))))];
  if (ca) extensions.push(sequence(oid(oids.basicConstraints), octetString(encode(sequence(boolean(true))))));
  const info = sequence(
    integer(Uint8Array.of(0)),
    options.commonName === null ? sequence() : commonName(options.commonName ?? identity),
    decode(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    tagged(0, sequence(oid(oids.extensionRequest), set(sequence(...extensions)))),
  );
  const [identifier, hash] = algorithmOf(signedBy);
  return encode(sequence(info, identifier, bitString(sign(hash, encode(info), signedBy))));
}

function algorithmOf(key: KeyObject): [Node, string | null] {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return [sequence(oid('1.2.840.113549.1.1.11'), nothing()), 'sha256'];
    case 'ed25519':
      return [sequence(oid('1.3.101.112')), null];
    default:
      return [sequence(oid('1.2.840.10045.4.3.2')), 'sha256'];
  }
}
