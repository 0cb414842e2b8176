import {
  type Distribution,
  type Endpoint,
  type FailureAccrual,
  formatMeta,
  type Meta,
  type OutboundPolicy,
  type Profile,
} from '@weft/policy';
import { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import type { HttpBalancer, TcpBalancer } from '../outbound/backends.ts';
import type { EndpointInfo } from '../outbound/endpoint-info.ts';
import type { LogicalTarget } from '../outbound/logical-target.ts';
import type { TcpEndpoint } from '../outbound/tcp-endpoint.ts';
import { formatAddress } from '../transport/socket-address.ts';
import { clipped, listed } from './listed.ts';

const maxTargets = 200;
const maxRoutes = 20;
const maxBackends = 10;
const maxBalancers = 200;
const maxEndpoints = 100;
/** Of all balancers together. */
const maxEndpointsInAll = 2000;

/** A destination of the application; null while the control plane has not answered. */
export interface TargetInUse {
  readonly name: string;
  readonly users: number;
  readonly target: LogicalTarget | null;
}

export function describeTargets(targets: Iterable<TargetInUse>) {
  return listed(targets, maxTargets, ({ name, users, target }) => ({
    name: clipped(name),
    users,
    ...(target === null
      ? { state: 'being discovered' }
      : {
          state: 'known',
          routedBy: target.httpProfile === null ? 'policy' : 'profile',
          policy: describePolicy(target.policy),
          profile: describeProfile(target.discovered.profile.current),
        }),
  }));
}

function describePolicy({ meta, protocol }: OutboundPolicy) {
  const named = { name: clipped(formatMeta(meta)), protocol: protocol.kind };
  switch (protocol.kind) {
    case 'detect': {
      const { http1, http2, opaque } = protocol;
      return {
        ...named,
        http1: describeHttp(http1),
        http2: describeHttp(http2),
        opaque: routeOrNone(opaque.route),
      };
    }
    case 'http1':
    case 'http2':
    case 'grpc':
      return { ...named, ...describeHttp(protocol) };
    case 'opaque':
      return { ...named, route: routeOrNone(protocol.route) };
    case 'tls':
      return { ...named, routes: listed(protocol.routes, maxRoutes, describeConnectionRoute) };
    case 'invalid':
      return { ...named, reason: clipped(protocol.reason) };
  }
}

interface Routes {
  readonly routes: {
    readonly routes: readonly {
      readonly meta: Meta;
      readonly rules: readonly { readonly distribution: Distribution<unknown> }[];
    }[];
  };
  readonly failureAccrual: FailureAccrual | null;
}

const describeHttp = ({ routes, failureAccrual }: Routes) => ({
  routes: listed(routes.routes, maxRoutes, ({ meta, rules }) => ({
    route: clipped(formatMeta(meta)),
    rules: listed(rules, maxRoutes, ({ distribution }) => describeDistribution(distribution)),
  })),
  failureAccrual: failureAccrual?.kind ?? null,
});

interface ConnectionRoute {
  readonly meta: Meta;
  readonly distribution: Distribution<unknown>;
}

const routeOrNone = (route: ConnectionRoute | null) =>
  route === null ? null : describeConnectionRoute(route);

const describeConnectionRoute = ({ meta, distribution }: ConnectionRoute) => ({
  route: clipped(formatMeta(meta)),
  ...describeDistribution(distribution),
});

function describeDistribution(distribution: Distribution<unknown>) {
  const { kind } = distribution;
  if (kind === 'empty') return { distribution: kind };
  const backends: readonly { backend: { meta: Meta }; weight?: number }[] = distribution.backends;
  return {
    distribution: kind,
    backends: listed(backends, maxBackends, ({ backend, weight }) => ({
      name: clipped(formatMeta(backend.meta)),
      weight,
    })),
  };
}

function describeProfile(profile: Profile | null) {
  if (profile === null) return null;
  const { fqn, opaque, routes, targets, retryBudget } = profile;
  return {
    name: fqn === null ? null : clipped(fqn),
    opaque,
    routes: routes.length,
    targets: listed(targets, maxBackends, ({ host, port, weight }) => ({
      name: clipped(`${host}:${port}`),
      weight,
    })),
    retryBudget,
  };
}

/** `id`: protocol, parent and backend. */
export interface BalancerInUse {
  readonly id: string;
  readonly users: number;
  readonly balancer: HttpBalancer | TcpBalancer;
}

/** `now`: monotonic milliseconds. */
export function describeBalancers(balancers: Iterable<BalancerInUse>, now: number) {
  let room = maxEndpointsInAll;
  return listed(balancers, maxBalancers, ({ id, users, balancer }) => {
    const endpoints = listed<HttpEndpoint<EndpointInfo> | TcpEndpoint, unknown>(
      balancer.endpoints,
      Math.min(maxEndpoints, room),
      (endpoint) => describeEndpoint(endpoint, now),
    );
    room -= endpoints.shown.length;
    return { id: clipped(id), users, gate: balancer.gate, ready: balancer.readyCount, endpoints };
  });
}

/** `load`: milliseconds that a request sent now would probably wait. */
function describeEndpoint(each: HttpEndpoint<EndpointInfo> | TcpEndpoint, now: number) {
  const endpoint = each instanceof HttpEndpoint ? each.info.endpoint : each.endpoint;
  return {
    address: formatAddress(endpoint),
    ready: each.ready,
    load: Math.round(each.load(now) * 1000) / 1000,
    pending: each.pending,
    ...(each instanceof HttpEndpoint ? { breaker: each.breaker?.state ?? 'none' } : {}),
    identity: endpoint.tls === null ? null : clipped(endpoint.tls.serverId.name),
    ...describeHints(endpoint),
  };
}

function describeHints({ protocolHint, inboundPort, zoneLocality, labels }: Endpoint) {
  return {
    protocolHint,
    inboundPort,
    zoneLocality,
    labels: Object.fromEntries(
      [...labels].slice(0, 20).map(([name, value]) => [clipped(name), clipped(value)]),
    ),
  };
}
