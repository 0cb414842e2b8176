import type { Meta } from '../meta.ts';
import type { ConnectionFilter, GrpcFilter, HttpFilter } from '../route/filter.ts';
import type { GrpcMatch } from '../route/grpc-match.ts';
import type { HostMatch } from '../route/host-match.ts';
import type { HttpMatch } from '../route/http-match.ts';
import type { RouteTable } from '../route/route-table.ts';
import type { Distribution } from './backend.ts';
import type { FailureAccrual, Retry, Timeouts } from './resilience.ts';

/** The policy of one outbound destination, compiled. */
export interface OutboundPolicy {
  readonly meta: Meta;
  readonly protocol: OutboundProtocol;
}

export type OutboundProtocol =
  /** The variant that detection finds is used. */
  | {
      readonly kind: 'detect';
      readonly opaque: OpaqueProtocol;
      readonly http1: HttpProtocol;
      readonly http2: HttpProtocol;
    }
  | ({ readonly kind: 'opaque' } & OpaqueProtocol)
  | ({ readonly kind: 'http1' } & HttpProtocol)
  | ({ readonly kind: 'http2' } & HttpProtocol)
  | ({ readonly kind: 'grpc' } & GrpcProtocol)
  | ({ readonly kind: 'tls' } & TlsProtocol)
  /** Not to be understood: HTTP requests are answered 500, connections closed. */
  | { readonly kind: 'invalid'; readonly reason: string };

export interface HttpProtocol {
  readonly routes: OutboundHttpRoutes;
  readonly failureAccrual: FailureAccrual | null;
}

export interface GrpcProtocol {
  readonly routes: OutboundGrpcRoutes;
  readonly failureAccrual: FailureAccrual | null;
}

export interface OpaqueProtocol {
  /** null: every connection is closed. */
  readonly route: OpaqueRoute | null;
}

export interface TlsProtocol {
  readonly routes: readonly TlsRoute[];
}

export type OutboundHttpRoutes = RouteTable<OutboundHttpRoute, HttpMatch>;
export type OutboundGrpcRoutes = RouteTable<OutboundGrpcRoute, GrpcMatch>;

interface OutboundRoute<Match, Filter> {
  readonly meta: Meta;
  readonly hosts: readonly HostMatch[];
  readonly rules: readonly OutboundRule<Match, Filter>[];
}

export interface OutboundRule<Match, Filter> {
  /** Empty: takes every request. */
  readonly matches: readonly Match[];
  readonly filters: readonly Filter[];
  readonly distribution: Distribution<Filter>;
  readonly timeouts: Timeouts;
  readonly retry: Retry | null;
  /** Whether `l5d-retry-*` and `l5d-*timeout` request headers are heeded (and stripped). */
  readonly allowL5dHeaders: boolean;
}

export type OutboundHttpRule = OutboundRule<HttpMatch, HttpFilter>;
export type OutboundGrpcRule = OutboundRule<GrpcMatch, GrpcFilter>;
export type OutboundHttpRoute = OutboundRoute<HttpMatch, HttpFilter>;
export type OutboundGrpcRoute = OutboundRoute<GrpcMatch, GrpcFilter>;

export interface OpaqueRoute {
  readonly meta: Meta;
  readonly filters: readonly ConnectionFilter[];
  readonly distribution: Distribution<ConnectionFilter>;
}

export interface TlsRoute extends OpaqueRoute {
  /** Matched against the SNI; empty: any. */
  readonly snis: readonly HostMatch[];
}
