import type { Redirect } from './filter.ts';

export type RedirectOutcome =
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  /** The request already asks for the target: it goes on. */
  | { readonly kind: 'none' }
  /** The filter cannot apply to this request, which must fail. */
  | { readonly kind: 'invalid'; readonly reason: string };

export interface RedirectRequest {
  readonly scheme: string;
  /** '' when the request names none. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
}

const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443' };

/**
 * Where a redirect filter sends a request. The scheme's own port is left out of the location. A full path
 * replaces the query too; a prefix keeps it, and needs a rule that matched by prefix.
 *
 * @param matchedPathLength from the match that chose the rule; -1 when that was no prefix
 */
export function applyRedirect(
  redirect: Redirect,
  request: RedirectRequest,
  matchedPathLength: number,
): RedirectOutcome {
  const scheme = redirect.scheme ?? (request.scheme || 'http');
  const authority = redirectAuthority(redirect, scheme, request.authority);
  if (authority === null) return { kind: 'invalid', reason: 'no authority to redirect to' };
  const target = redirectTarget(redirect, request.path, matchedPathLength);
  if (target === null) {
    return { kind: 'invalid', reason: 'a path prefix can be replaced only where a path prefix matched' };
  }
  const unchanged =
    scheme === request.scheme &&
    authority.toLowerCase() === request.authority.toLowerCase() &&
    target === request.path;
  if (unchanged) return { kind: 'none' };
  return { kind: 'redirect', status: redirect.status, location: `${scheme}://${authority}${target}` };
}

function redirectAuthority(redirect: Redirect, scheme: string, own: string): string | null {
  if (redirect.host !== null && redirect.port !== 0) return `${redirect.host}:${redirect.port}`;
  const [ownHost, ownPort] = splitPort(own);
  if (redirect.host !== null) return joinPort(redirect.host, ownPort, scheme);
  if (own === '') return null;
  return redirect.port === 0 ? own : joinPort(ownHost, String(redirect.port), scheme);
}

function redirectTarget(redirect: Redirect, target: string, matchedPathLength: number): string | null {
  if (redirect.path === null) return target;
  if (redirect.path.kind === 'full') return redirect.path.value;
  if (matchedPathLength < 0) return null;
  const rest = target.slice(matchedPathLength);
  const { value } = redirect.path;
  if (rest === '' || rest.startsWith('?')) return value + rest;
  // One slash between the two, whichever of them brings it.
  if (rest.startsWith('/')) return (value.endsWith('/') ? value.slice(0, -1) : value) + rest;
  return `${value.endsWith('/') ? value : `${value}/`}${rest}`;
}

function joinPort(host: string, port: string, scheme: string): string {
  return port === '' || port === defaultPorts[scheme] ? host : `${host}:${port}`;
}

function splitPort(authority: string): [string, string] {
  const colon = authority.lastIndexOf(':');
  if (colon < 0 || colon < authority.lastIndexOf(']')) return [authority, ''];
  return [authority.slice(0, colon), authority.slice(colon + 1)];
}
