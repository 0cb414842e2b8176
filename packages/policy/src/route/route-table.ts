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
  /** null: a rule without matches, which takes every request with the lowest rank. */
  readonly match: Match | null;
  readonly result: RouteMatch<Route>;
}

export interface RouteMatch<Route> {
  readonly route: Route;
  readonly rule: RuleOf<Route>;
  /** Length of the path prefix that matched; -1 when the path matched exactly or by regular expression. */
  readonly matchedPathLength: number;
}

/** Anything with rules: the inbound and outbound routes of every kind. */
export interface RouteWithRules<Rule> {
  readonly hosts: readonly HostMatch[];
  readonly rules: readonly Rule[];
}

export type RuleOf<Route> = Route extends { readonly rules: readonly (infer Rule)[] } ? Rule : never;
