import { getHeader } from '../http/headers.ts';
import type { RequestHead } from '../http/message.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';

/**
 * An HTTP/1 request in origin form gets the authority that it is for: its Host, else `fallback` (the address
 * it was sent to). HTTP/2 requests keep what they have.
 */
export function normalizeAuthority(request: RequestHead, fallback: string | SocketAddress): void {
  if (request.version === '2' || request.authority !== undefined) return;
  const host = getHeader(request.headers, 'host');
  if (host !== undefined && host !== '') request.authority = host;
  else request.authority = typeof fallback === 'string' ? fallback : formatAddress(fallback);
}

/** The host of an authority, without its port. */
export function hostOf(authority: string | undefined): string | undefined {
  if (authority === undefined) return undefined;
  const at = authority.lastIndexOf('@');
  const text = at < 0 ? authority : authority.slice(at + 1);
  if (text.charCodeAt(0) === 0x5b) return text.slice(1, text.indexOf(']'));
  const colon = text.indexOf(':');
  return colon < 0 ? text : text.slice(0, colon);
}

/** The port of an authority; `fallback` when it has none or one that is no port. */
export function portOf(authority: string, fallback: number): number {
  const match = /:(\d{1,5})$/.exec(authority);
  const port = match === null ? fallback : Number(match[1]);
  return port > 0 && port < 65_536 ? port : fallback;
}
