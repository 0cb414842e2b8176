import { parseIpv4 } from './ipv4.ts';

const colon = 58;
const percent = 37;

/** An address as four 32-bit words, most significant first. */
export type Ipv6Words = Uint32Array;

// Parsing is synchronous and never nested: one scratch serves all.
const groups = new Uint16Array(8);

/** Writes the address into `words`; false, with `words` undefined, for anything else. A zone is ignored. */
export function parseIpv6(text: string, words: Ipv6Words): boolean {
  let count = 0;
  let gap = -1;
  let at = 0;
  let end = text.length;
  for (let i = 0; i < end; i += 1) if (text.charCodeAt(i) === percent) end = i;
  if (end < 2) return false;

  if (text.charCodeAt(0) === colon) {
    if (text.charCodeAt(1) !== colon) return false;
    gap = 0;
    at = 2;
  }
  while (at < end) {
    let value = 0;
    let digits = 0;
    const start = at;
    for (; at < end; at += 1) {
      const digit = hexDigit(text.charCodeAt(at));
      if (digit < 0) break;
      digits += 1;
      if (digits > 4) return false;
      value = value * 16 + digit;
    }
    if (at < end && text.charCodeAt(at) !== colon) {
      const tail = count <= 6 ? parseIpv4(text.slice(start, end)) : -1;
      if (tail < 0) return false;
      groups[count++] = tail >>> 16;
      groups[count++] = tail & 0xffff;
      break;
    }
    if (digits === 0 || count === 8) return false;
    groups[count++] = value;
    if (at === end) break;
    at += 1;
    if (at === end) return false;
    if (text.charCodeAt(at) === colon) {
      if (gap >= 0) return false;
      gap = count;
      at += 1;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return false;
  if (gap >= 0) {
    const after = count - gap;
    groups.copyWithin(8 - after, gap, count);
    groups.fill(0, gap, 8 - after);
  }
  for (let i = 0; i < 4; i += 1) words[i] = groups[2 * i]! * 65536 + groups[2 * i + 1]!;
  return true;
}

/** The canonical text of RFC 5952. */
export function formatIpv6(words: ArrayLike<number>): string {
  const parts: number[] = [];
  for (let i = 0; i < 4; i += 1) parts.push(words[i]! >>> 16, words[i]! & 0xffff);
  let best = 0;
  let bestLength = 1;
  for (let i = 0; i < 8; i += 1) {
    let length = 0;
    while (i + length < 8 && parts[i + length] === 0) length += 1;
    if (length > bestLength) {
      best = i;
      bestLength = length;
    }
    i += length;
  }
  const hex = parts.map((part) => part.toString(16));
  if (bestLength < 2) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

/** Whether it is an IPv4 address in IPv6 clothes (`::ffff:a.b.c.d`); then `words[3]` is that address. */
export function isIpv4Mapped(words: ArrayLike<number>): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

function hexDigit(char: number): number {
  if (char >= 48 && char <= 57) return char - 48;
  const lower = char | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
