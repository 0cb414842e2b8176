import { anyRpc, type GrpcMatch, matchesRpc } from './grpc-match.ts';
import { noHost, normalizeHost, rankHost } from './host-match.ts';
import { buildRouteTable, type MatchableRoute, type RouteMatch, type RouteTable } from './route-table.ts';

export function compileGrpcRoutes<Route extends MatchableRoute<GrpcMatch>>(
  routes: readonly Route[],
): RouteTable<Route, GrpcMatch> {
  return buildRouteTable<GrpcMatch, Route>(routes, {
    any: anyRpc,
    isUnconditional: (match) => match.always === true,
    prefixLength: () => -1,
  });
}

/**
 * The rule for a gRPC request (POST `/service/method`), or null. Ranked in turn: host as for HTTP, length of
 * the service asked for, length of the method, number of headers; the first listed wins a tie.
 * Parameters as in `matchHttpRoute`.
 */
export function matchGrpcRoute<Route>(
  table: RouteTable<Route, GrpcMatch>,
  authority: string | undefined,
  path: string,
  method: string,
  headers: readonly string[],
): RouteMatch<Route> | null {
  if (table.only !== null) return table.only;

  let best: RouteMatch<Route> | null = null;
  let bestMatch: GrpcMatch = anyRpc;
  let bestHost = noHost;
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
    if (hostRank === bestHost && best !== null && !outranks(entry.match, bestMatch)) continue;
    if (!matchesRpc(entry.match, method, path, headers)) continue;
    best = entry.result;
    bestMatch = entry.match;
    bestHost = hostRank;
  }
  return best;
}

function outranks(match: GrpcMatch, best: GrpcMatch): boolean {
  const service = (match.service?.length ?? 0) - (best.service?.length ?? 0);
  if (service !== 0) return service > 0;
  const method = (match.method?.length ?? 0) - (best.method?.length ?? 0);
  return method === 0 ? match.headers.length > best.headers.length : method > 0;
}
