import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Header, HeaderSchema, SessionProtocolSchema } from '@weft/proto/transport_header';

/** What a proxy tells another one about a connection it opens to that proxy itself. */
export interface TransportHeader {
  /** The port the connection is for, 1–65535. */
  readonly port: number;
  /** The destination of a connection through a gateway; null for the peer's own workload. */
  readonly name: string | null;
  /** What is spoken after the header; null for opaque bytes. */
  readonly session: 'http/1' | 'http/2' | null;
}

/** What is known of a header after some bytes. `length` is what it took, prefix and all. */
export type ParsedHeader =
  | { readonly kind: 'more' }
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'header'; readonly header: TransportHeader; readonly length: number };

/** Before the length (32 bits, big endian) and the message. */
const PREFIX = Buffer.from('transport.l5d.io/v1\r\n\r\n', 'latin1');
const MESSAGE_AT = PREFIX.length + 4;

/** The longest header accepted, prefix included (bytes). */
export const TRANSPORT_HEADER_LIMIT = 64 * 1024;

/** A DNS name of at most 253 characters, with or without the dot of the root. */
const NAME = /^(?=.{1,254}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

export function encodeTransportHeader(header: TransportHeader): Buffer {
  const { port, name, session } = header;
  const message = create(HeaderSchema, { port, name: name ?? '', ...sessionProtocol(session) });
  const encoded = toBinary(HeaderSchema, message);
  const length = Buffer.alloc(MESSAGE_AT - PREFIX.length);
  length.writeUInt32BE(encoded.length);
  return Buffer.concat([PREFIX, length, encoded]);
}

/** Reads the header that a connection begins with, out of the bytes that have come so far. */
export function parseTransportHeader(bytes: Buffer): ParsedHeader {
  const seen = Math.min(bytes.length, PREFIX.length);
  if (bytes.compare(PREFIX, 0, seen, 0, seen) !== 0) return invalid('no transport header');
  if (bytes.length < MESSAGE_AT) return { kind: 'more' };
  const end = MESSAGE_AT + bytes.readUInt32BE(PREFIX.length);
  if (end > TRANSPORT_HEADER_LIMIT) return invalid(`a header of ${end} bytes is longer than allowed`);
  if (bytes.length < end) return { kind: 'more' };
  let message: Header;
  try {
    message = fromBinary(HeaderSchema, bytes.subarray(MESSAGE_AT, end));
  } catch {
    return invalid('the message is malformed');
  }
  const { port, name } = message;
  if (port < 1 || port > 65535) return invalid(`port ${port} is not within 1–65535`);
  if (name !== '' && !NAME.test(name)) return invalid(`name ${JSON.stringify(name)} is not a DNS name`);
  return { kind: 'header', header: { port, name: name || null, session: sessionOf(message) }, length: end };
}

function sessionProtocol(session: TransportHeader['session']): Pick<Header, 'sessionProtocol'> {
  switch (session) {
    case null:
      return {};
    case 'http/1':
      return { sessionProtocol: create(SessionProtocolSchema, { kind: { case: 'http1', value: {} } }) };
    case 'http/2':
      return { sessionProtocol: create(SessionProtocolSchema, { kind: { case: 'http2', value: {} } }) };
  }
}

function sessionOf({ sessionProtocol }: Header): TransportHeader['session'] {
  const kind = sessionProtocol?.kind.case;
  if (kind === undefined) return null;
  return kind === 'http1' ? 'http/1' : 'http/2';
}

function invalid(reason: string): ParsedHeader {
  return { kind: 'invalid', reason };
}
