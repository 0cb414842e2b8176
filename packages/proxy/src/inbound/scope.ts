import type {
  Authorization,
  ClientTls,
  InboundGrpcRoute,
  InboundHttpRoute,
  ServerPolicy,
} from '@weft/policy';
import type { HttpMetrics, HttpTargetMetrics } from '../metrics/http.ts';
import type { Counter } from '../metrics/series.ts';
import type { SocketAddress } from '../transport/connection.ts';
import {
  authorizationLabels,
  labels,
  parentLabels,
  routeLabels,
  serverLabels,
  targetLabels,
  tlsLabels,
} from './labels.ts';
import type { InboundMetrics, RouteCounts } from './metrics.ts';

export type InboundRoute = InboundHttpRoute | InboundGrpcRoute;

/** The series of requests on one route under one authorization. */
export interface RouteSeries {
  readonly allow: Counter;
  readonly endpoint: HttpTargetMetrics;
  readonly counts: RouteCounts;
}

/**
 * The series of everything that comes to one target with one kind of TLS. Found once per connection, so that
 * a request finds its counters by two lookups and renders no label. A changed policy empties it.
 */
export class Scope {
  readonly #metrics: InboundMetrics;
  readonly #http: HttpMetrics;
  readonly #target: SocketAddress;
  readonly #tls: ClientTls;
  #policy: ServerPolicy | null = null;
  #routes = new Map<InboundRoute, Map<Authorization, RouteSeries>>();

  constructor(metrics: InboundMetrics, http: HttpMetrics, target: SocketAddress, tls: ClientTls) {
    this.#metrics = metrics;
    this.#http = http;
    this.#target = target;
    this.#tls = tls;
  }

  /** `authority`: a label of its own, where the environment allows that (unbounded) label. */
  series(
    policy: ServerPolicy,
    route: InboundRoute,
    authorization: Authorization,
    authority?: string,
  ): RouteSeries {
    if (policy !== this.#policy) {
      this.release();
      this.#policy = policy;
    }
    if (authority !== undefined) return this.#make(policy, route, authorization, authority);
    let byAuthorization = this.#routes.get(route);
    if (byAuthorization === undefined) {
      byAuthorization = new Map();
      this.#routes.set(route, byAuthorization);
    }
    let series = byAuthorization.get(authorization);
    if (series === undefined) {
      series = this.#make(policy, route, authorization);
      byAuthorization.set(authorization, series);
    }
    return series;
  }

  deny(policy: ServerPolicy, route: InboundRoute): void {
    const target = targetLabels(this.#target);
    this.#metrics.httpDeny
      .with(
        labels(
          target,
          serverLabels(policy.meta, this.#target.port),
          routeLabels(route.meta),
          tlsLabels(this.#tls),
        ),
      )
      .inc();
  }

  notFound(policy: ServerPolicy): void {
    this.#metrics.routeNotFound
      .with(
        labels(
          targetLabels(this.#target),
          serverLabels(policy.meta, this.#target.port),
          tlsLabels(this.#tls),
        ),
      )
      .inc();
  }

  error(policy: ServerPolicy, error: string): void {
    this.#metrics.httpErrors
      .with(
        labels([['error', error]], targetLabels(this.#target), serverLabels(policy.meta, this.#target.port)),
      )
      .inc();
  }

  release(): void {
    for (const byAuthorization of this.#routes.values()) {
      for (const series of byAuthorization.values()) series.endpoint.release();
    }
    this.#routes = new Map();
  }

  #make(
    policy: ServerPolicy,
    route: InboundRoute,
    authorization: Authorization,
    authority?: string,
  ): RouteSeries {
    const target = targetLabels(this.#target);
    const server = serverLabels(policy.meta, this.#target.port);
    const tls = tlsLabels(this.#tls);
    const routed = routeLabels(route.meta);
    const authorized = authorizationLabels(authorization);
    const counts = policy.protocol.kind === 'grpc' ? this.#metrics.grpc : this.#metrics.http;
    const named: [string, string][] = authority === undefined ? [] : [['authority', authority]];
    return {
      allow: this.#metrics.httpAllow.with(labels(target, server, routed, authorized, tls)),
      endpoint: this.#http.target(
        labels([['direction', 'inbound']], named, target, tls, server, routed, authorized),
      ),
      counts: counts.route(labels(parentLabels(policy.meta, this.#target.port, route.meta))),
    };
  }
}
