import { isIPv4, isIPv6 } from 'node:net';
import type { SocketAddress } from '../../transport/connection.ts';
import { isDnsName } from './dns-name.ts';
import { splitList } from './list.ts';
import { canonicalIp } from './networks.ts';
import { parsePort } from './ports.ts';

/** `10.0.0.1:80` or `[::1]:80` */
export function parseSocketAddress(text: string): SocketAddress {
  const { host, port } = splitPort(text.trim());
  const bracketed = host.startsWith('[') && host.endsWith(']');
  const ip = bracketed ? host.slice(1, -1) : host;
  if (bracketed ? !isIPv6(ip) : !isIPv4(ip))
    throw new Error('not an address such as 127.0.0.1:80 or [::1]:80');
  return { ip: canonicalIp(ip), port };
}

/** One or two addresses, separated by a comma. */
export function parseListenAddresses(text: string): SocketAddress[] {
  const addresses = splitList(text).map(parseSocketAddress);
  if (addresses.length < 1 || addresses.length > 2) throw new Error('not one or two addresses');
  return addresses;
}

/** Where a service is: by IP address or by name. */
export interface ServiceAddress {
  /** As configured. */
  readonly authority: string;
  readonly host: string;
  readonly port: number;
}

/** `10.0.0.1:8086`, `[::1]:8086` or `name.example.:8086` */
export function parseServiceAddress(text: string): ServiceAddress {
  const authority = text.trim();
  const { host, port } = splitPort(authority);
  if (host.startsWith('[') || isIPv4(host))
    return { authority, host: parseSocketAddress(authority).ip, port };
  const name = host.toLowerCase();
  if (!isDnsName(name)) throw new Error('neither an address nor a name, with a port');
  return { authority, host: name, port };
}

function splitPort(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  if (colon < 1) throw new Error('no port');
  return { host: text.slice(0, colon), port: parsePort(text.slice(colon + 1)) };
}
