import { isIPv6 } from 'node:net';
import type { SocketAddress } from './connection.ts';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Builds an address from what the socket reports; IPv4-mapped IPv6 is written as IPv4. */
export function socketAddress(ip: string | undefined, port: number | undefined): SocketAddress {
  return { ip: unmapIp(ip ?? ''), port: port ?? 0 };
}

/** `::ffff:10.0.0.1` becomes `10.0.0.1`; everything else stays as it is. */
export function unmapIp(ip: string): string {
  if (!ip.startsWith('::f') && !ip.startsWith('::F')) return ip;
  return MAPPED.exec(ip)?.[1] ?? ip;
}

/** `10.0.0.1:80` or `[fd00::1]:80`. */
export function formatAddress(address: SocketAddress): string {
  return isIPv6(address.ip) ? `[${address.ip}]:${address.port}` : `${address.ip}:${address.port}`;
}

/** Whether an address reaches only this host: 127.0.0.0/8, ::1, and either written as IPv4-mapped. */
export function isLoopback(ip: string): boolean {
  const plain = unmapIp(ip);
  return plain === '::1' || /^127\.\d+\.\d+\.\d+$/.test(plain);
}
