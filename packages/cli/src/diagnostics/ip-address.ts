import type { IPAddress } from '@weft/proto/net';

/** An address as text. */
export function ipText(address: IPAddress | undefined): string {
  const ip = address?.ip;
  if (ip?.case === 'ipv4') {
    return [24, 16, 8, 0].map((shift) => (ip.value >>> shift) & 255).join('.');
  }
  if (ip?.case !== 'ipv6') return '';
  const { first, last } = ip.value;
  const groups = [first, last].flatMap((half) =>
    [48n, 32n, 16n, 0n].map((shift) => ((half >> shift) & 0xffffn).toString(16)),
  );
  // The URL parser writes addresses in the form of RFC 5952.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** An IPv4 address as one number. */
export function ipv4Number(text: string): number {
  return text.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
}

/** An IPv6 address as its upper and lower half. */
export function ipv6Halves(text: string): { first: bigint; last: bigint } {
  const [before = '', after] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [head, tail] = [groups(before), groups(after ?? '')];
  const zeros = after === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  const number = [...head, ...zeros, ...tail].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  return { first: number >> 64n, last: number & 0xffff_ffff_ffff_ffffn };
}
