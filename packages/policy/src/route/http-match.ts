import type { Regex } from '../regex/regex.ts';

export type PathMatch =
  | { readonly kind: 'exact'; readonly path: string }
  /** Whole segments; without trailing slashes, so '' stands for '/', which takes every path. */
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'regex'; readonly regex: Regex };

/** The whole text equals `text`, or the whole text matches `regex`. */
export type ValueMatch =
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'regex'; readonly regex: Regex };

export interface HeaderMatch {
  /** Lower case. */
  readonly name: string;
  readonly value: ValueMatch;
}

export interface QueryParamMatch {
  readonly name: string;
  readonly value: ValueMatch;
}

/** All of it must hold. */
export interface HttpMatch {
  readonly path: PathMatch;
  readonly headers: readonly HeaderMatch[];
  readonly queryParams: readonly QueryParamMatch[];
  readonly method: string | null;
}

/** What a rule without matches stands for. */
export const anyRequest: HttpMatch = {
  path: { kind: 'prefix', prefix: '' },
  headers: [],
  queryParams: [],
  method: null,
};

export function isUnconditional(match: HttpMatch): boolean {
  const { path, headers, queryParams, method } = match;
  const anyPath = path.kind === 'prefix' && path.prefix === '';
  return anyPath && headers.length === 0 && queryParams.length === 0 && method === null;
}

/** How much of the path matched, the measure by which routes are ranked; -1 when it does not match. */
export function matchPath(match: PathMatch, path: string): number {
  switch (match.kind) {
    case 'exact':
      return path === match.path ? path.length : -1;
    case 'prefix': {
      const { prefix } = match;
      if (prefix === '') return 1;
      if (!path.startsWith(prefix)) return -1;
      return path.length === prefix.length || path.charCodeAt(prefix.length) === 47 ? prefix.length : -1;
    }
    case 'regex':
      return match.regex.matches(path) ? path.length : -1;
  }
}

export function matchHeaders(matches: readonly HeaderMatch[], headers: readonly string[]): boolean {
  for (let i = 0; i < matches.length; i += 1) if (!hasMatching(matches[i]!, headers)) return false;
  return true;
}

/** `query` is what follows the question mark; '' when there is none. */
export function matchQuery(matches: readonly QueryParamMatch[], query: string): boolean {
  if (matches.length === 0) return true;
  if (query === '') return false;
  // The separator keeps a question mark that is part of the first name.
  const params = [...new URLSearchParams(`&${query}`)];
  return matches.every(({ name, value }) =>
    params.some((param) => param[0] === name && holds(value, param[1])),
  );
}

function hasMatching(match: HeaderMatch, headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === match.name && holdsHeader(match.value, headers[i + 1]!)) return true;
  }
  return false;
}

// Expressions are for text: a value with other bytes matches none of them.
function holdsHeader(match: ValueMatch, value: string): boolean {
  return holds(match, value) && (match.kind === 'exact' || /^[\t\x20-\x7e]*$/.test(value));
}

function holds(match: ValueMatch, text: string): boolean {
  return match.kind === 'exact' ? match.text === text : match.regex.matches(text);
}
