import { createPublicKey, type KeyObject } from 'node:crypto';
import { bytesOf, decode, encode, isTagged, type Node, oidOf, partsOf } from '../asn1/der.ts';
import { oids } from '../asn1/oids.ts';
import { verifies } from './signature-algorithm.ts';

/** A name a request asks for beside its DNS names. */
export interface OtherName {
  readonly kind: 'email' | 'uri' | 'ip' | 'other';
  readonly name: string;
}

/** What a PKCS#10 request (RFC 2986) asks for, and the key it proves to have. */
export interface CertificateRequest {
  readonly publicKey: KeyObject;
  /** SubjectPublicKeyInfo. */
  readonly spki: Node;
  readonly commonNames: readonly string[];
  readonly dnsNames: readonly string[];
  readonly otherNames: readonly OtherName[];
  readonly asksForCa: boolean;
}

/** Larger than any request with one name: an RSA key of 8192 bits needs 2.2 KB. */
const maxCsrBytes = 8 * 1024;

/** A request that cannot be read, or whose key is not used here. */
export class CsrError extends Error {
  readonly code = 'csr';

  constructor(why: string, cause?: unknown) {
    super(`certificate signing request cannot be used: ${why}`, cause === undefined ? undefined : { cause });
    this.name = 'CsrError';
  }
}

/** @throws CsrError that says what cannot be used. */
export function parseCsr(der: Uint8Array): CertificateRequest {
  if (der.length > maxCsrBytes) {
    throw new CsrError(`it has ${der.length} bytes; at most ${maxCsrBytes} are read`);
  }
  try {
    return parse(der);
  } catch (cause) {
    if (cause instanceof CsrError) throw cause;
    throw new CsrError(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function parse(der: Uint8Array): CertificateRequest {
  const [info, algorithm, signature] = partsOf(decode(der), 'request');
  const [, subject, spki, attributes] = partsOf(info, 'request information');
  const publicKey = usableKey(createPublicKey({ key: encode(spki!), format: 'der', type: 'spki' }));
  const signed = verifies(
    oidOf(partsOf(algorithm, 'signature algorithm')[0], 'signature algorithm'),
    publicKey,
    encode(info!),
    bytesOf(signature, 'signature').subarray(1),
  );
  if (!signed) throw new CsrError('its signature is not that of its own key');
  return { publicKey, spki: spki!, commonNames: commonNamesOf(subject), ...requestedBy(attributes) };
}

function usableKey(key: KeyObject): KeyObject {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ec':
      if (namedCurve === 'prime256v1') return key;
      throw new CsrError(`its key is on curve ${namedCurve}; P-256 is used here`);
    case 'rsa':
      if (modulusLength >= 2048 && modulusLength <= 8192) return key;
      throw new CsrError(`its RSA key has ${modulusLength} bits; 2048 to 8192 are used here`);
    case 'ed25519':
      return key;
    default:
      throw new CsrError(`its key is ${key.asymmetricKeyType}; P-256, RSA and Ed25519 are used here`);
  }
}

function commonNamesOf(subject: Node | undefined): string[] {
  return partsOf(subject, 'subject')
    .flatMap((rdn) => partsOf(rdn, 'subject'))
    .map((attribute) => partsOf(attribute, 'subject attribute'))
    .filter(([type]) => oidOf(type, 'subject attribute') === oids.commonName)
    .map(([, value]) => bytesOf(value, 'common name').toString('utf8'));
}

function requestedBy(attributes: Node | undefined) {
  const extensions =
    attributes === undefined
      ? []
      : partsOf(attributes, 'attributes')
          .map((attribute) => partsOf(attribute, 'attribute'))
          .filter(([type]) => oidOf(type, 'attribute') === oids.extensionRequest)
          .flatMap(([, values]) => partsOf(values, 'extension request'))
          .flatMap((list) => partsOf(list, 'extension request'))
          .map((extension) => partsOf(extension, 'extension'));
  const contentsOf = (wanted: string) =>
    extensions
      .filter(([id]) => oidOf(id, 'extension') === wanted)
      .map((extension) => decode(bytesOf(extension.at(-1), 'extension')));
  const names = contentsOf(oids.subjectAltName)
    .flatMap((list) => partsOf(list, 'alternative names'))
    .map(generalName);
  return {
    dnsNames: names.filter(({ kind }) => kind === 'dns').map(({ name }) => name),
    otherNames: names.filter((name): name is OtherName => name.kind !== 'dns'),
    asksForCa: contentsOf(oids.basicConstraints).some((constraints) => isCa(constraints)),
  };
}

/** GeneralName of RFC 5280, 4.2.1.6. */
function generalName(node: Node): OtherName | { readonly kind: 'dns'; readonly name: string } {
  const text = () => bytesOf(node, 'alternative name').toString('latin1');
  if (isTagged(node, 2)) return { kind: 'dns', name: text() };
  if (isTagged(node, 1)) return { kind: 'email', name: text() };
  if (isTagged(node, 6)) return { kind: 'uri', name: text() };
  if (isTagged(node, 7)) return { kind: 'ip', name: bytesOf(node, 'address').toString('hex') };
  return { kind: 'other', name: `[${Number(node.type)}]` };
}

function isCa(constraints: Node): boolean {
  const [first] = partsOf(constraints, 'basic constraints');
  return first !== undefined && bytesOf(first, 'basic constraints')[0] !== 0;
}
