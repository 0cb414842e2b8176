import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  derBitString,
  derConstructed,
  derImplicit,
  derInteger,
  derObjectId,
  derOctetString,
  derSequence,
  derSet,
  derUtf8String,
} from '../tls/der-writer.ts';

/** The key this proxy keeps for life, and the request (PKCS#10, DER) sent with every certification. */
export interface CertificateRequest {
  readonly key: KeyObject;
  readonly csr: Buffer;
}

const COMMON_NAME = '2.5.4.3';
const SUBJECT_ALT_NAME = '2.5.29.17';
/** PKCS#9 attribute that carries the wanted extensions. */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const DNS_NAME = 2;

/** Makes a P-256 key, which stays in memory, and asks with it for one DNS name. */
export function createCertificateRequest(identity: string): CertificateRequest {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = derSequence(derImplicit(DNS_NAME, Buffer.from(identity, 'latin1')));
  const extension = derSequence(derObjectId(SUBJECT_ALT_NAME), derOctetString(name));
  const info = derSequence(
    derInteger(Buffer.from([0])),
    derSequence(derSet(derSequence(derObjectId(COMMON_NAME), derUtf8String(identity)))),
    publicKey.export({ type: 'spki', format: 'der' }),
    derConstructed(0, derSequence(derObjectId(EXTENSION_REQUEST), derSet(derSequence(extension)))),
  );
  const signature = derBitString(sign('sha256', info, privateKey));
  return { key: privateKey, csr: derSequence(info, derSequence(derObjectId(ECDSA_WITH_SHA256)), signature) };
}
