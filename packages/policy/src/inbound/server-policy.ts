import type { Meta } from '../meta.ts';
import type { GrpcFilter, HttpFilter } from '../route/filter.ts';
import type { GrpcMatch } from '../route/grpc-match.ts';
import type { HostMatch } from '../route/host-match.ts';
import type { HttpMatch } from '../route/http-match.ts';
import type { RouteTable } from '../route/route-table.ts';
import type { Authorization } from './authorization.ts';

/** The policy of one inbound port, compiled. */
export interface ServerPolicy {
  readonly meta: Meta;
  readonly protocol: ServerProtocol;
  /** Tried in order; the first that holds names the `authz_*` labels. None holds: denied. */
  readonly authorizations: readonly Authorization[];
}

export type ServerProtocol =
  | {
      readonly kind: 'detect';
      readonly timeoutMs: number;
      readonly routes: InboundHttpRoutes;
      readonly rateLimit: RateLimit | null;
    }
  | { readonly kind: 'http1'; readonly routes: InboundHttpRoutes; readonly rateLimit: RateLimit | null }
  | { readonly kind: 'http2'; readonly routes: InboundHttpRoutes; readonly rateLimit: RateLimit | null }
  | { readonly kind: 'grpc'; readonly routes: InboundGrpcRoutes }
  | { readonly kind: 'opaque' }
  | { readonly kind: 'tls' }
  /** Not to be understood: HTTP requests are answered 500, connections refused. No authorizations. */
  | { readonly kind: 'invalid'; readonly reason: string };

export type InboundHttpRoutes = RouteTable<InboundHttpRoute, HttpMatch>;
export type InboundGrpcRoutes = RouteTable<InboundGrpcRoute, GrpcMatch>;

interface InboundRoute<Match, Filter> {
  readonly meta: Meta;
  readonly hosts: readonly HostMatch[];
  /** The route's own, then the server's. */
  readonly authorizations: readonly Authorization[];
  readonly rules: readonly InboundRule<Match, Filter>[];
}

export interface InboundRule<Match, Filter> {
  /** Empty: takes every request. */
  readonly matches: readonly Match[];
  readonly filters: readonly Filter[];
}

export type InboundHttpRoute = InboundRoute<HttpMatch, HttpFilter>;
export type InboundGrpcRoute = InboundRoute<GrpcMatch, GrpcFilter>;

/** Requests per second; 0 is no limit. */
export interface RateLimit {
  readonly meta: Meta;
  readonly total: number;
  /** For each client identity; all clients without one share a bucket. */
  readonly identity: number;
  /** By identity, instead of `identity`. Identities of one override share its bucket. */
  readonly overrides: ReadonlyMap<string, RateLimitOverride>;
}

export interface RateLimitOverride {
  /** Above 0. */
  readonly requestsPerSecond: number;
}
