import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { bitString, constructed, integer, objectIdentifier, octetString, sequence, text } from './der.ts';

const commonName = '2.5.4.3';
const extensionRequest = '1.2.840.113549.1.9.14';
const subjectAltName = '2.5.29.17';
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';

const utf8StringTag = 0x0c;
const setTag = 0x31;
const dnsNameTag = 0x82;
const attributesTag = 0xa0;

/**
 * A PKCS#10 request (RFC 2986) in DER: common name and one DNS name, both `identity`, signed with the P-256
 * key it is for.
 */
export function createCsr(identity: string, privateKey: KeyObject): Uint8Array {
  const subject = sequence(
    constructed(setTag, sequence(objectIdentifier(commonName), text(utf8StringTag, identity))),
  );
  const names = sequence(text(dnsNameTag, identity));
  const extensions = sequence(sequence(objectIdentifier(subjectAltName), octetString(names)));
  const info = sequence(
    integer(0),
    subject,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    constructed(attributesTag, sequence(objectIdentifier(extensionRequest), constructed(setTag, extensions))),
  );
  const signature = sign('sha256', info, privateKey);
  return sequence(info, sequence(objectIdentifier(ecdsaWithSha256)), bitString(signature));
}
