import { noHost, rankHost } from '../route/host-match.ts';
import type { TlsRoute } from './outbound-policy.ts';

/** The route for an SNI, or null: exact before suffix before any, longer first; the first listed wins a tie. */
export function matchTlsRoute(routes: readonly TlsRoute[], sni: string): TlsRoute | null {
  const host = sni.toLowerCase();
  let best: TlsRoute | null = null;
  let bestRank = noHost;
  for (const route of routes) {
    const rank = rankHost(route.snis, host);
    if (rank > bestRank) {
      best = route;
      bestRank = rank;
    }
  }
  return best;
}
