import { COLON, CR, fieldByte, LF, SP, tokenLower } from './bytes.ts';
import { takeBytes } from './slab.ts';

/**
 * The bytes of a head or trailer section, or null when a reader would not find in them the lines they were
 * written from: a name that is no token, a line break or NUL in a value, a character beyond latin1 that
 * turns into one. So no peer, whatever protocol it speaks, can put a line of its own into a head.
 *
 * `text` is the start line, `fieldCount` lines `name: value`, the empty line, each with its CRLF, and then
 * `tail` characters of body.
 */
export function encodeHead(text: string, fieldCount: number, tail: number): Buffer | null {
  const bytes = takeBytes(text.length);
  bytes.write(text, 'latin1');
  return countFields(bytes, text.length - tail) === fieldCount ? bytes : null;
}

/** The number of field lines of a head that ends exactly at `end`, or -1. */
function countFields(bytes: Buffer, end: number): number {
  let i = 0;
  let count = 0;
  while (i < end && fieldByte[bytes[i]] !== 0) i++;
  for (;;) {
    if (i + 4 > end || bytes[i] !== CR || bytes[i + 1] !== LF) return -1;
    if (bytes[i + 2] === CR) return bytes[i + 3] === LF && i + 4 === end ? count : -1;
    i += 2;
    const nameStart = i;
    while (i < end && tokenLower[bytes[i]] !== 0) i++;
    if (i === nameStart || i + 1 >= end || bytes[i] !== COLON || bytes[i + 1] !== SP) return -1;
    while (i < end && fieldByte[bytes[i]] !== 0) i++;
    count++;
  }
}
