import { INCOMPLETE, MALFORMED } from './field-scanner.ts';

const NAME = [0x48, 0x54, 0x54, 0x50, 0x2f]; // HTTP/
const DOT = 0x2e;
const SIZE = NAME.length + 3;

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** The offset behind an HTTP-version (RFC 9112 section 2.3), INCOMPLETE or MALFORMED. */
export function scanVersion(bytes: Buffer, from: number, end: number): number {
  for (let i = 0; i < SIZE; i++) {
    if (from + i >= end) return INCOMPLETE;
    const byte = bytes[from + i];
    const good = i < NAME.length ? byte === NAME[i] : i === NAME.length + 1 ? byte === DOT : isDigit(byte);
    if (!good) return MALFORMED;
  }
  return from + SIZE;
}

/** The minor version of HTTP/1.0 and HTTP/1.1, given the offset behind it; -1 for every other version. */
export function versionDigit(bytes: Buffer, after: number): 0 | 1 | -1 {
  if (bytes[after - 3] !== 0x31) return -1;
  const minor = bytes[after - 1];
  return minor === 0x31 ? 1 : minor === 0x30 ? 0 : -1;
}
