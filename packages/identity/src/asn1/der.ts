import forge from 'node-forge';

const { asn1 } = forge;
const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;

/** One ASN.1 value (X.680), as node-forge holds it: bytes as strings of code units 0 to 255. */
export type Node = forge.asn1.Asn1;

/** @throws Error when the bytes are no DER or something follows the value. */
export function decode(der: Uint8Array): Node {
  return asn1.fromDer(binary(der), { strict: true, parseAllBytes: true, decodeBitStrings: false });
}

export function encode(node: Node): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}

export function sequence(...parts: Node[]): Node {
  return asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, parts);
}

export function set(...parts: Node[]): Node {
  return asn1.create(UNIVERSAL, asn1.Type.SET, true, parts);
}

export function oid(dotted: string): Node {
  return asn1.create(UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(dotted).getBytes());
}

/** The bytes of a two's complement number, most significant first. */
export function integer(bytes: Uint8Array): Node {
  return asn1.create(UNIVERSAL, asn1.Type.INTEGER, false, binary(bytes));
}

export function boolean(value: boolean): Node {
  return asn1.create(UNIVERSAL, asn1.Type.BOOLEAN, false, value ? '\xff' : '\x00');
}

export function nothing(): Node {
  return asn1.create(UNIVERSAL, asn1.Type.NULL, false, '');
}

export function utf8(text: string): Node {
  return asn1.create(UNIVERSAL, asn1.Type.UTF8, false, binary(Buffer.from(text, 'utf8')));
}

export function octetString(content: Uint8Array): Node {
  return asn1.create(UNIVERSAL, asn1.Type.OCTETSTRING, false, binary(content));
}

/** `unused` bits at the end of the last byte do not count. */
export function bitString(content: Uint8Array, unused = 0): Node {
  return asn1.create(UNIVERSAL, asn1.Type.BITSTRING, false, String.fromCharCode(unused) + binary(content));
}

/** `[tag]` around parts, explicit or implicit. */
export function tagged(tag: number, ...parts: Node[]): Node {
  return asn1.create(CONTEXT_SPECIFIC, tag, true, parts);
}

/** `[tag]` in place of a primitive type. */
export function taggedBytes(tag: number, content: Uint8Array): Node {
  return asn1.create(CONTEXT_SPECIFIC, tag, false, binary(content));
}

/** A point in time to the second, in the form RFC 5280 wants: two-digit years until 2049. */
export function time(date: Date): Node {
  return date.getUTCFullYear() < 2050
    ? asn1.create(UNIVERSAL, asn1.Type.UTCTIME, false, asn1.dateToUtcTime(date))
    : asn1.create(UNIVERSAL, asn1.Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date));
}

/** The parts of a constructed value. @throws Error naming `what` when it is none. */
export function partsOf(node: Node | undefined, what: string): Node[] {
  if (node === undefined || !Array.isArray(node.value)) throw new Error(`${what} is missing or malformed`);
  return node.value;
}

/** The bytes of a primitive value. @throws Error naming `what` when it is none. */
export function bytesOf(node: Node | undefined, what: string): Buffer {
  if (node === undefined || typeof node.value !== 'string')
    throw new Error(`${what} is missing or malformed`);
  return Buffer.from(node.value, 'latin1');
}

/** The dotted form of an object identifier. @throws Error naming `what` when it is none. */
export function oidOf(node: Node | undefined, what: string): string {
  if (node === undefined || node.type !== asn1.Type.OID || typeof node.value !== 'string') {
    throw new Error(`${what} is missing or malformed`);
  }
  return asn1.derToOid(node.value);
}

/** Whether a value carries `[tag]`. */
export function isTagged(node: Node, tag: number): boolean {
  return node.tagClass === CONTEXT_SPECIFIC && Number(node.type) === tag;
}

function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
