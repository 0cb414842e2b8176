import { type HeaderMatch, matchHeaders } from './http-match.ts';

/** All of it must hold, and the method be POST. */
export interface GrpcMatch {
  /** null: any. */
  readonly service: string | null;
  readonly method: string | null;
  readonly headers: readonly HeaderMatch[];
  /** Stands for a rule without matches, which takes every request, gRPC or not. */
  readonly always?: true;
}

export const anyRpc: GrpcMatch = { service: null, method: null, headers: [], always: true };

export function matchesRpc(
  match: GrpcMatch,
  method: string,
  path: string,
  headers: readonly string[],
): boolean {
  if (match.always) return true;
  if (method !== 'POST' || path.charCodeAt(0) !== 47) return false;
  const slash = path.indexOf('/', 1);
  if (slash < 0) return false;
  if (match.service !== null && !isBetween(path, 1, slash, match.service)) return false;
  if (match.method !== null) {
    const next = path.indexOf('/', slash + 1);
    if (!isBetween(path, slash + 1, next < 0 ? path.length : next, match.method)) return false;
  }
  return matchHeaders(match.headers, headers);
}

function isBetween(text: string, start: number, end: number, expected: string): boolean {
  return end - start === expected.length && text.startsWith(expected, start);
}
