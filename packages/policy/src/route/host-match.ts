/** Texts are lower case. A suffix begins with a dot: `*.example.com` is `.example.com`; '' is any host. */
export type HostMatch =
  | { readonly kind: 'exact'; readonly host: string }
  | { readonly kind: 'suffix'; readonly suffix: string };

/** No host matched. */
export const noHost = -1;
/** The route asks for no host in particular. */
export const anyHost = 0;
// Above every length: an exact match beats every suffix.
const exactRank = 0x1_0000;

/**
 * How well the best of `matches` fits: an exact match before a suffix, a longer before a shorter, anything
 * before `anyHost`. `host` comes from `normalizeHost`; undefined fits only routes that ask for none.
 */
export function rankHost(matches: readonly HostMatch[], host: string | undefined): number {
  if (matches.length === 0) return anyHost;
  if (host === undefined) return noHost;
  let best = noHost;
  for (let i = 0; i < matches.length; i += 1) {
    const match = matches[i]!;
    const rank = match.kind === 'exact' ? rankExact(match.host, host) : rankSuffix(match.suffix, host);
    if (rank > best) best = rank;
  }
  return best;
}

/** The host of an authority in lower case: user information and port are dropped, brackets kept. */
export function normalizeHost(authority: string): string {
  const at = authority.lastIndexOf('@');
  const host = at < 0 ? authority : authority.slice(at + 1);
  const colon = host.indexOf(':', host.startsWith('[') ? host.indexOf(']') : 0);
  return (colon < 0 ? host : host.slice(0, colon)).toLowerCase();
}

// A trailing dot in the request counts only where the match has one too.
function rankExact(expected: string, host: string): number {
  return expected === undot(host, expected) ? exactRank + expected.length : noHost;
}

function rankSuffix(suffix: string, host: string): number {
  return undot(host, suffix).endsWith(suffix) ? 1 + suffix.length : noHost;
}

function undot(host: string, like: string): string {
  return host.endsWith('.') && !like.endsWith('.') ? host.slice(0, -1) : host;
}
