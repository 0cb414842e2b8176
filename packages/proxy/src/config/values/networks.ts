import { isIP, isIPv6 } from 'node:net';
import { type Cidr, parseCidr } from '@weft/policy';
import { unmapIp } from '../../transport/socket-address.ts';
import { splitList } from './list.ts';

/** `10.0.0.0/8,fd00::/8` */
export function parseNetworks(text: string): Cidr[] {
  return splitList(text).map((item) => {
    const net = item.includes('/') ? parseCidr(item) : null;
    if (net === null) throw new Error(`${JSON.stringify(item)} is not a network such as 10.0.0.0/8`);
    return net;
  });
}

/** Plain addresses, each in the one way that sockets report it. */
export function parseIps(text: string): Set<string> {
  return new Set(
    splitList(text).map((item) => {
      if (isIP(item) === 0) throw new Error(`${JSON.stringify(item)} is not an IP address`);
      return canonicalIp(item);
    }),
  );
}

/** IPv6 in its shortest form, and as IPv4 what is only mapped into it. */
export function canonicalIp(ip: string): string {
  const plain = unmapIp(ip);
  return isIPv6(plain) ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : plain;
}
