import type { IPAddress, IPNetwork, TcpAddress } from '@weft/proto/net';
import { type Cidr, makeCidr } from './cidr.ts';
import { formatIpv4 } from './ipv4.ts';
import { formatIpv6, isIpv4Mapped } from './ipv6.ts';

const low32 = 0xffff_ffffn;

/** The text of an address, IPv4-mapped IPv6 as IPv4; null when the message holds none. */
export function decodeIp(message: IPAddress | undefined): string | null {
  const ip = message?.ip;
  if (ip?.case === 'ipv4') return formatIpv4(ip.value);
  if (ip?.case !== 'ipv6') return null;
  const words = ipv6Words(ip.value);
  return isIpv4Mapped(words) ? formatIpv4(words[3]!) : formatIpv6(words);
}

/** null without an address, or with a port outside 1–65535. */
export function decodeTcpAddress(message: TcpAddress | undefined): { ip: string; port: number } | null {
  const ip = decodeIp(message?.ip);
  const port = message?.port ?? 0;
  return ip === null || port === 0 || port > 65535 ? null : { ip, port };
}

export function decodeNetwork(message: IPNetwork): Cidr | null {
  const ip = message.ip?.ip;
  if (ip?.case === 'ipv4') return makeCidr(4, [ip.value], message.prefixLen);
  if (ip?.case !== 'ipv6') return null;
  return makeCidr(6, ipv6Words(ip.value), message.prefixLen);
}

function ipv6Words(value: { first: bigint; last: bigint }): number[] {
  const { first, last } = value;
  return [Number(first >> 32n), Number(first & low32), Number(last >> 32n), Number(last & low32)];
}
