import type { HostMatch } from './host-match.ts';

/**
 * Routes compiled for matching, in the order they were listed. `only` is the answer for every request when
 * there is exactly one unconditional rule (what a port without routes of its own has), so that matching it
 * costs one comparison; callers may look at it before taking a request apart.
 */
export interface RouteTable<Route, Match> {
  readonly routes: readonly Route[];
  readonly only: RouteMatch<Route> | null;
  /** Every way into every rule; `result` is made once, so that matching allocates nothing. */
  readonly entries: readonly RouteEntry<Route, Match>[];
}

export interface RouteEntry<Route, Match> {
  /** Index into `routes`; entries of one route lie side by side. */
  readonly routeIndex: number;
  /** Empty: any host. Shared by all entries of one route. */
  readonly hosts: readonly HostMatch[];
  readonly match: Match;
  readonly result: RouteMatch<Route>;
}

export interface RouteMatch<Route> {
  readonly route: Route;
  readonly rule: RuleOf<Route>;
  /** Length of the path prefix that matched; -1 when the path matched exactly or by regular expression. */
  readonly matchedPathLength: number;
}

/** Anything with rules: the inbound and outbound routes of every kind. */
export interface MatchableRoute<Match> {
  readonly hosts: readonly HostMatch[];
  readonly rules: readonly { readonly matches: readonly Match[] }[];
}

export type RuleOf<Route> = Route extends { readonly rules: readonly (infer Rule)[] } ? Rule : never;

/** What differs between the kinds of route. */
export interface MatchKind<Match> {
  /** What a rule without matches stands for. */
  readonly any: Match;
  readonly isUnconditional: (match: Match) => boolean;
  readonly prefixLength: (match: Match) => number;
}

export function buildRouteTable<Match, Route extends MatchableRoute<Match>>(
  routes: readonly Route[],
  kind: MatchKind<Match>,
): RouteTable<Route, Match> {
  const entries = routes.flatMap((route, routeIndex) =>
    route.rules.flatMap((rule) => {
      const matches = rule.matches.length === 0 ? [kind.any] : rule.matches;
      return matches.map((match): RouteEntry<Route, Match> => {
        const matchedPathLength = kind.prefixLength(match);
        // The rule is one of this route's: TypeScript cannot tie the element to the inferred type.
        const result = { route, rule: rule as RuleOf<Route>, matchedPathLength };
        return { routeIndex, hosts: route.hosts, match, result };
      });
    }),
  );
  const first = entries[0];
  const unconditional = first !== undefined && first.hosts.length === 0 && kind.isUnconditional(first.match);
  return { routes, entries, only: entries.length === 1 && unconditional ? first.result : null };
}
