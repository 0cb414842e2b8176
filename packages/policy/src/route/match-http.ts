import { noHost, normalizeHost, rankHost } from './host-match.ts';
import {
  anyRequest,
  type HttpMatch,
  isUnconditional,
  matchHeaders,
  matchPath,
  matchQuery,
} from './http-match.ts';
import { buildRouteTable, type MatchableRoute, type RouteMatch, type RouteTable } from './route-table.ts';

export function compileHttpRoutes<Route extends MatchableRoute<HttpMatch>>(
  routes: readonly Route[],
): RouteTable<Route, HttpMatch> {
  return buildRouteTable<HttpMatch, Route>(routes, {
    any: anyRequest,
    isUnconditional,
    prefixLength: ({ path }) => (path.kind === 'prefix' ? Math.max(1, path.prefix.length) : -1),
  });
}

/**
 * The rule for a request, or null. Ranked in turn: host (exact, then suffix, then none; longer first), length
 * of the path matched (of whatever kind), number of headers, number of query parameters, a method; the first
 * listed wins a tie.
 *
 * @param authority host of the request, with or without port; undefined fits only routes for any host
 * @param path without the query
 * @param query without the question mark; '' for none
 * @param headers names in lower case
 */
export function matchHttpRoute<Route>(
  table: RouteTable<Route, HttpMatch>,
  authority: string | undefined,
  path: string,
  query: string,
  method: string,
  headers: readonly string[],
): RouteMatch<Route> | null {
  if (table.only !== null) return table.only;

  let best: RouteMatch<Route> | null = null;
  let bestMatch: HttpMatch = anyRequest;
  let bestHost = noHost;
  let bestPath = -1;
  let host: string | undefined;
  let hostRank = noHost;
  let routeIndex = -1;
  for (let i = 0; i < table.entries.length; i += 1) {
    const entry = table.entries[i]!;
    if (entry.routeIndex !== routeIndex) {
      routeIndex = entry.routeIndex;
      if (entry.hosts.length > 0 && authority !== undefined) host ??= normalizeHost(authority);
      hostRank = rankHost(entry.hosts, host);
    }
    if (hostRank < bestHost || hostRank === noHost) continue;
    const { match } = entry;
    if (match.method !== null && match.method !== method) continue;
    const pathLength = matchPath(match.path, path);
    if (pathLength < 0) continue;
    if (hostRank === bestHost && best !== null && !outranks(pathLength, match, bestPath, bestMatch)) continue;
    if (!matchHeaders(match.headers, headers) || !matchQuery(match.queryParams, query)) continue;
    best = entry.result;
    bestMatch = match;
    bestHost = hostRank;
    bestPath = pathLength;
  }
  return best;
}

/** Whether a match of the same host rank beats the best one before it. */
function outranks(pathLength: number, match: HttpMatch, bestPath: number, best: HttpMatch): boolean {
  if (pathLength !== bestPath) return pathLength > bestPath;
  if (match.headers.length !== best.headers.length) return match.headers.length > best.headers.length;
  if (match.queryParams.length !== best.queryParams.length) {
    return match.queryParams.length > best.queryParams.length;
  }
  return match.method !== null && best.method === null;
}
