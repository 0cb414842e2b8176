import { isIPv6 } from 'node:net';
import { isDnsName } from '../config/values/dns-name.ts';

/** What a connection or a request is for. */
export type Destination =
  /** Where the connection was going. */
  { readonly kind: 'address'; readonly ip: string; readonly port: number } | NamedDestination;

/** What a request named (ingress mode, gateways). The host is in lower case. */
export interface NamedDestination {
  readonly kind: 'name';
  readonly host: string;
  readonly port: number;
}

const defaultPort = 80;

/** Reads `name` or `name:port`; null for addresses and for whatever is no DNS name. */
export function parseNamedDestination(text: string): NamedDestination | null {
  const match = /^([^:]+?)\.?(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1]?.toLowerCase();
  // A last label of digits alone is that of an IPv4 address (RFC 1123 section 2.1).
  if (host === undefined || !isDnsName(host) || /(^|\.)\d+$/.test(host)) return null;
  const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
  return port > 0 && port < 65_536 ? { kind: 'name', host, port } : null;
}

/** `10.0.0.1:80`, `[fd00::1]:80` or `name:80`: how the control plane is asked. */
export function formatDestination(destination: Destination): string {
  if (destination.kind === 'name') return `${destination.host}:${destination.port}`;
  const { ip, port } = destination;
  return isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Whether `name` lies under one of the suffixes, which are in lower case and end in a dot; '.' is all. */
export function isUnder(suffixes: readonly string[], name: string): boolean {
  const absolute = `.${name.toLowerCase().replace(/\.$/, '')}.`;
  return suffixes.some((suffix) => suffix === '.' || absolute.endsWith(`.${suffix}`));
}
