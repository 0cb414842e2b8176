import { type DerValue, derValues } from './der-reader.ts';

/** A name a certificate speaks for, out of its subjectAltName extension. */
export interface SubjectName {
  readonly kind: 'dns' | 'uri';
  readonly name: string;
}

const SEQUENCE = 0x30;
const OCTET_STRING = 0x04;
/** `[3]` of TBSCertificate. */
const EXTENSIONS = 0xa3;
/** OID 2.5.29.17. */
const SUBJECT_ALT_NAME = Buffer.from([0x55, 0x1d, 0x11]);
/** `[2]` and `[6]` of GeneralName. */
const DNS_NAME = 0x82;
const URI = 0x86;

const DNS = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;
const URI_TEXT = /^[a-z][a-z0-9+.-]*:[!-~]+$/i;

/**
 * The DNS and URI names of a certificate in their order. They are read from the DER, since any rendering of
 * them as text can be forged by what a name contains. Names that are not well formed (a NUL, a comma, a
 * trailing dot, a wildcard) are passed over: they are nobody's identity. Throws `DerError`.
 */
export function subjectNames(certificate: Buffer): SubjectName[] {
  const [outer] = derValues(certificate);
  const [tbs] = derValues(expectTag(outer, SEQUENCE));
  const extensions = derValues(expectTag(tbs, SEQUENCE)).find(({ tag }) => tag === EXTENSIONS);
  if (extensions === undefined) return [];
  const [list] = derValues(extensions.content);
  for (const extension of derValues(expectTag(list, SEQUENCE))) {
    const fields = derValues(expectTag(extension, SEQUENCE));
    if (!fields[0]?.content.equals(SUBJECT_ALT_NAME)) continue;
    const [names] = derValues(expectTag(fields.at(-1), OCTET_STRING));
    return derValues(expectTag(names, SEQUENCE)).flatMap(wellFormedName);
  }
  return [];
}

/** Whether a certificate with these names may speak for `identity`, a DNS name or a URI. */
export function hasIdentity(names: readonly SubjectName[], identity: string): boolean {
  const wanted = identity.includes('://') ? identity : identity.toLowerCase();
  return names.some(({ name }) => name === wanted);
}

function expectTag(value: DerValue | undefined, tag: number): Buffer {
  return value?.tag === tag ? value.content : Buffer.alloc(0);
}

function wellFormedName({ tag, content }: DerValue): SubjectName[] {
  const text = content.toString('latin1');
  if (tag === DNS_NAME) {
    const name = text.toLowerCase();
    return name.length <= 253 && DNS.test(name) ? [{ kind: 'dns', name }] : [];
  }
  return tag === URI && URI_TEXT.test(text) ? [{ kind: 'uri', name: text }] : [];
}
