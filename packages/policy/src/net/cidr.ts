import { parseIpv4 } from './ipv4.ts';
import { parseIpv6 } from './ipv6.ts';

/** A network: one word of 32 bits for IPv4, four for IPv6. Bits beyond the prefix are zero. */
export interface Cidr {
  readonly family: 4 | 6;
  readonly words: readonly number[];
  readonly prefixLength: number;
}

/** `10.0.0.0/8`, `fd00::/8`, or an address alone, which is a network of one. null for anything else. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const length = slash < 0 ? '' : text.slice(slash + 1);
  if (slash >= 0 && !/^\d{1,3}$/.test(length)) return null;

  const v4 = parseIpv4(address);
  if (v4 >= 0) return makeCidr(4, [v4], slash < 0 ? 32 : Number(length));
  const words = new Uint32Array(4);
  if (!parseIpv6(address, words)) return null;
  return makeCidr(6, [...words], slash < 0 ? 128 : Number(length));
}

/** null when the prefix is too long for the family. */
export function makeCidr(family: 4 | 6, words: readonly number[], prefixLength: number): Cidr | null {
  if (!(prefixLength >= 0 && prefixLength <= words.length * 32)) return null;
  return {
    family,
    words: words.map((word, i) => (word & wordMask(prefixLength, i)) >>> 0),
    prefixLength,
  };
}

/** The bits of word number `index` that belong to the prefix. */
export function wordMask(prefixLength: number, index: number): number {
  const bits = Math.min(32, Math.max(0, prefixLength - 32 * index));
  // A shift by 32 is a shift by 0.
  return bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
}
