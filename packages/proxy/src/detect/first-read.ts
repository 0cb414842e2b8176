import { CR, LF, SP, tokenLower } from '../http1/bytes.ts';

export type FirstRead = 'http1' | 'http2' | 'opaque';

/** Only so much of the first read is looked at. */
const MAX_BYTES = 1024;
/** Fewer bytes than this never count as HTTP, whatever may follow: not even the shortest request line fits. */
const MIN_BYTES = 14;

const preface = Buffer.from('PRI * HTTP/2.0', 'latin1');
const version = Buffer.from('HTTP/1.', 'latin1');
const DIGIT_0 = 0x30;
const DIGIT_1 = 0x31;

/**
 * What a client speaks, judged by the first bytes it has sent and nothing after them. HTTP/1 is what begins
 * like a request line, complete or not. Lines that end in a bare LF count, too: the codec then refuses
 * them, whereas taking them for something else would carry a request past every rule for requests.
 */
export function classifyFirstRead(read: Buffer): FirstRead {
  if (read.length < MIN_BYTES) return 'opaque';
  if (read.subarray(0, MIN_BYTES).equals(preface)) return 'http2';
  return beginsLikeRequest(read.subarray(0, MAX_BYTES)) ? 'http1' : 'opaque';
}

function beginsLikeRequest(bytes: Buffer): boolean {
  const end = bytes.length;
  let i = 0;
  // Empty lines may come first (RFC 9112 section 2.2).
  while (i < end && (bytes[i] === LF || (bytes[i] === CR && (i + 1 === end || bytes[i + 1] === LF)))) i++;

  const method = i;
  while (i < end && tokenLower[bytes[i]] !== 0) i++;
  if (i === end) return true;
  if (i === method || bytes[i++] !== SP) return false;

  const target = i;
  while (i < end && isVisible(bytes[i])) i++;
  if (i === end) return true;
  if (i === target || bytes[i++] !== SP) return false;

  for (const byte of version) {
    if (i === end) return true;
    if (bytes[i++] !== byte) return false;
  }
  if (i === end) return true;
  const minor = bytes[i++];
  if (minor !== DIGIT_0 && minor !== DIGIT_1) return false;
  if (i === end || bytes[i] === LF) return true;
  return bytes[i] === CR && (i + 1 === end || bytes[i + 1] === LF);
}

function isVisible(byte: number): boolean {
  return byte > SP && byte !== 0x7f;
}
