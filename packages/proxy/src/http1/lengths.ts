import type { Offence } from './offence.ts';

/** More digits might leave the numbers that are exact (2^53). */
const MAX_DIGITS = 15;

/** The value of a content-length field (digits and nothing else, RFC 9110 section 8.6), or -1. */
export function readContentLength(value: string): number {
  if (value.length === 0 || value.length > MAX_DIGITS) return -1;
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}

/**
 * What is wrong with a transfer-encoding, which may only be `chunked`: a proxy that re-frames a message
 * would lose any other coding. Null when nothing is.
 */
export function readTransferEncoding(value: string): Offence | null {
  if (value === 'chunked' || value.toLowerCase() === 'chunked') return null;
  const codings = value.split(',').map((coding) => coding.trim().toLowerCase());
  const wellPlaced = codings.indexOf('chunked') === codings.length - 1;
  return wellPlaced ? 'transfer-encoding-unsupported' : 'transfer-encoding';
}
