/**
 * Reads the server name and ALPN of a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3,
 * RFC 7301) out of the first bytes of a connection, which may be cut anywhere.
 */
export type ClientHello =
  | { readonly kind: 'more' }
  /** Not TLS, or a hello that breaks its own lengths, or one longer than `CLIENT_HELLO_LIMIT`. */
  | { readonly kind: 'not-tls' }
  | { readonly kind: 'hello'; readonly sni: string | null; readonly alpn: readonly string[] };

/** Bytes of records looked at before giving up. */
export const CLIENT_HELLO_LIMIT = 8192;

const RECORD_HEADER = 5;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const HANDSHAKE_HEADER = 4;
/** RFC 8446 section 5.1: a record holds at most 2^14 bytes of plaintext. */
const MAX_RECORD = 16384;
const EXTENSION_SNI = 0;
const EXTENSION_ALPN = 16;
const SNI_HOST_NAME = 0;

const MORE = { kind: 'more' } as const;
const NOT_TLS = { kind: 'not-tls' } as const;

export function parseClientHello(bytes: Buffer): ClientHello {
  const message = collectHandshake(bytes.subarray(0, CLIENT_HELLO_LIMIT));
  if (message === 'invalid') return NOT_TLS;
  if (message === 'more') return bytes.length >= CLIENT_HELLO_LIMIT ? NOT_TLS : MORE;
  return readHello(message) ?? NOT_TLS;
}

/** Joins the fragments of the first handshake message, which may be spread over several records. */
function collectHandshake(bytes: Buffer): Buffer | 'more' | 'invalid' {
  const fragments: Buffer[] = [];
  let collected = 0;
  let wanted = HANDSHAKE_HEADER;
  let at = 0;
  while (collected < wanted) {
    const header = bytes.subarray(at, at + RECORD_HEADER);
    if (!startsLikeRecord(header)) return 'invalid';
    if (header.length < RECORD_HEADER) return 'more';
    const length = header.readUInt16BE(3);
    if (length === 0 || length > MAX_RECORD) return 'invalid';
    const fragment = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length);
    fragments.push(fragment);
    collected += fragment.length;
    at += RECORD_HEADER + length;
    if (wanted === HANDSHAKE_HEADER && collected > 0) {
      const start = Buffer.concat(fragments);
      if (start[0] !== CLIENT_HELLO) return 'invalid';
      if (start.length >= HANDSHAKE_HEADER) wanted += start.readUIntBE(1, 3);
    }
    if (wanted > CLIENT_HELLO_LIMIT) return 'invalid';
    if (collected < wanted && fragment.length < length) return 'more';
  }
  return Buffer.concat(fragments).subarray(HANDSHAKE_HEADER, wanted);
}

/** Type 22, version 3.x: whatever of it has come. */
function startsLikeRecord(header: Buffer): boolean {
  if (header.length > 0 && header[0] !== HANDSHAKE_RECORD) return false;
  if (header.length > 1 && header[1] !== 3) return false;
  return header.length < 3 || header[2]! <= 4;
}

/** Walks length-prefixed fields; every step answers null once a length points outside. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Buffer | null {
    if (this.rest < length) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** An integer of one or two bytes. */
  number(size: 1 | 2): number | null {
    return this.take(size)?.readUIntBE(0, size) ?? null;
  }

  /** A vector: its length in one or two bytes, then its contents. */
  vector(size: 1 | 2): Buffer | null {
    const length = this.number(size);
    return length === null ? null : this.take(length);
  }
}

function readHello(message: Buffer): ClientHello | null {
  const hello = new Fields(message);
  const version = hello.number(2);
  if (version === null || version >> 8 !== 3) return null;
  if (hello.take(32) === null || hello.vector(1) === null) return null; // random, session id
  if (hello.vector(2) === null || hello.vector(1) === null) return null; // cipher suites, compression
  if (hello.rest === 0) return { kind: 'hello', sni: null, alpn: [] };
  const block = hello.vector(2);
  if (block === null || hello.rest !== 0) return null;

  let sni: string | null = null;
  let alpn: string[] = [];
  const extensions = new Fields(block);
  while (extensions.rest > 0) {
    const type = extensions.number(2);
    const body = extensions.vector(2);
    if (type === null || body === null) return null;
    if (type === EXTENSION_SNI) {
      const name = readServerName(body);
      if (name === undefined) return null;
      sni = name;
    } else if (type === EXTENSION_ALPN) {
      const protocols = readProtocols(body);
      if (protocols === null) return null;
      alpn = protocols;
    }
  }
  return { kind: 'hello', sni, alpn };
}

/** The first host name, lower case; null when it is not a name; undefined when the lengths are wrong. */
function readServerName(body: Buffer): string | null | undefined {
  const list = new Fields(body).vector(2);
  if (list === null) return undefined;
  const names = new Fields(list);
  while (names.rest > 0) {
    const type = names.number(1);
    const name = names.vector(2);
    if (type === null || name === null) return undefined;
    if (type !== SNI_HOST_NAME) continue;
    const text = name.toString('latin1').toLowerCase();
    return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(text) ? text : null;
  }
  return null;
}

function readProtocols(body: Buffer): string[] | null {
  const list = new Fields(body).vector(2);
  if (list === null) return null;
  const names = new Fields(list);
  const protocols: string[] = [];
  while (names.rest > 0) {
    const name = names.vector(1);
    if (name === null) return null;
    protocols.push(name.toString('latin1'));
  }
  return protocols;
}
