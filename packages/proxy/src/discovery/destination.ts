import { isIPv6 } from 'node:net';

/** What a connection or a request is for. */
export type Destination =
  /** Where the connection was going. */
  | { readonly kind: 'address'; readonly ip: string; readonly port: number }
  /** What a request named (ingress mode, gateways). */
  | { readonly kind: 'name'; readonly host: string; readonly port: number };

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
