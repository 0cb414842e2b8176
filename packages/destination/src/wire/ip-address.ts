import { isIPv4, isIPv6 } from 'node:net';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { IPAddress, IPAddressSchema, IPNetworkSchema } from '@weft/proto/net';

type IpInit = MessageInitShape<typeof IPAddressSchema>;
type NetworkInit = MessageInitShape<typeof IPNetworkSchema>;

const ipv4Number = (text: string): number =>
  text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

const ipv4Text = (value: number): string =>
  [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');

/** The eight 16-bit groups of a valid IPv6 text. */
function ipv6Groups(text: string): readonly number[] {
  const groupsOf = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)];
          const value = ipv4Number(group);
          return [value >>> 16, value & 0xffff];
        });
  const [head = '', tail] = text.replace(/%.*$/, '').split('::');
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const toBigInt = (groups: readonly number[]): bigint =>
  groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);

const fromBigInt = (value: bigint): readonly number[] =>
  [48n, 32n, 16n, 0n].map((shift) => Number((value >> shift) & 0xffffn));

/** An address as the wire has it; undefined for a text that is none. */
export function encodeIp(text: string): IpInit | undefined {
  if (isIPv4(text)) return { ip: { case: 'ipv4', value: ipv4Number(text) } };
  if (!isIPv6(text)) return undefined;
  const groups = ipv6Groups(text);
  return {
    ip: { case: 'ipv6', value: { first: toBigInt(groups.slice(0, 4)), last: toBigInt(groups.slice(4)) } },
  };
}

/** The text of an address in the form that objects of the cluster use; undefined when the message holds none. */
export function decodeIp(address: IPAddress | undefined): string | undefined {
  switch (address?.ip.case) {
    case 'ipv4':
      return ipv4Text(address.ip.value);
    case 'ipv6': {
      const { first, last } = address.ip.value;
      const text = [...fromBigInt(first), ...fromBigInt(last)].map((group) => group.toString(16)).join(':');
      return new URL(`http://[${text}]/`).hostname.slice(1, -1);
    }
    default:
      return undefined;
  }
}

/** A CIDR, or an address alone as a network of one; undefined for a text that is neither. */
export function encodeNetwork(cidr: string): NetworkInit | undefined {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(cidr);
  const ip = encodeIp(match?.[1] ?? '');
  if (ip === undefined) return undefined;
  const bits = ip.ip?.case === 'ipv4' ? 32 : 128;
  const prefixLen = match?.[2] === undefined ? bits : Number(match[2]);
  return prefixLen <= bits ? { ip, prefixLen } : undefined;
}
