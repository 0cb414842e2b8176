import {
  type Backend,
  type ConnectionFilter,
  compileHttpRoutes,
  defaultMeta,
  type Endpoint,
  type FailureAccrual,
  type LoadParams,
  type Meta,
  type OpaqueRoute,
  type OutboundHttpRule,
  type OutboundPolicy,
  type OutboundProtocol,
  type Profile,
  plainEndpoint,
  type TlsRoute,
} from '@weft/policy';
import { FakeClock } from '../balance/balancer.builder.ts';
import { Value } from '../discovery/watch/value.ts';
import { Http1Pool } from '../http1/pool.ts';
import { http1ServerOptions } from '../http1/server-options.ts';
import { Http2Client } from '../http2/client.ts';
import { Drain } from '../lifecycle/drain.ts';
import { HttpMetrics } from '../metrics/http.ts';
import { Registry } from '../metrics/registry.ts';
import { TransportMetrics } from '../metrics/transport.ts';
import { ProfileRouteMetrics } from '../profile/metrics.ts';
import { Credentials } from '../tls/credentials.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { Backends } from './backends.ts';
import { EndpointConnector } from './endpoint-connector.ts';
import { EndpointFactory, type HttpClients } from './endpoint-factory.ts';
import { IngressServer } from './ingress-server.ts';
import { LogicalTarget } from './logical-target.ts';
import { LogicalTargets } from './logical-targets.ts';
import { OutboundMetrics } from './metrics.ts';
import { OutboundServer } from './outbound-server.ts';
import type { Discover, EndpointListener, HeldDiscovered } from './ports.ts';
import { outboundStack } from './stack.ts';

const defaultLoad = { kind: 'peak-ewma', defaultRttMs: 30, decayMs: 10_000 } as const;

export const meta = (name: string): Meta => ({ ...defaultMeta(name), kind: 'Service', namespace: 'shop' });

/** A backend that is one plain-text endpoint. */
export function backendAt({ ip, port }: SocketAddress, name = `${ip}:${port}`): Backend {
  return {
    meta: meta(name),
    key: name,
    dispatcher: { kind: 'forward', endpoint: plainEndpoint(ip, port) },
    queue: { capacity: 10, failfastTimeoutMs: 3000 },
  };
}

/** A backend that balances over what `path` resolves to. */
export function balancedBackend(path: string, load: LoadParams = defaultLoad): Backend {
  return {
    meta: meta(path),
    key: path,
    dispatcher: { kind: 'balancer', path, load },
    queue: { capacity: 10, failfastTimeoutMs: 3000 },
  };
}

export function failingBackend(message: string): Backend {
  return { ...backendAt({ ip: '0.0.0.0', port: 1 }, message), dispatcher: { kind: 'fail', message } };
}

export function opaqueRoute(
  name: string,
  backend: Backend,
  filters: readonly ConnectionFilter[] = [],
): OpaqueRoute {
  return {
    meta: meta(name),
    filters,
    distribution: { kind: 'first-available', backends: [{ backend, filters: [] }] },
  };
}

export const tlsRoute = (name: string, backend: Backend, snis: TlsRoute['snis'] = []): TlsRoute => ({
  ...opaqueRoute(name, backend),
  snis,
});

export const policyOf = (protocol: OutboundProtocol, name = 'orders'): OutboundPolicy => ({
  meta: meta(name),
  protocol,
});

export function httpPolicy(
  backend: Backend,
  over: Partial<OutboundHttpRule> = {},
  failureAccrual: FailureAccrual | null = null,
): OutboundPolicy {
  const rule: OutboundHttpRule = {
    matches: [],
    filters: [],
    distribution: { kind: 'first-available', backends: [{ backend, filters: [] }] },
    timeouts: { requestMs: null, responseMs: null, idleMs: null },
    retry: null,
    allowL5dHeaders: false,
    ...over,
  };
  const routes = compileHttpRoutes([{ meta: meta('route'), hosts: [], rules: [rule] }]);
  const http = { routes, failureAccrual };
  return policyOf({ kind: 'detect', opaque: { route: null }, http1: http, http2: http });
}

export const profileOf = (over: Partial<Profile> = {}): Profile => ({
  fqn: 'orders.shop.svc.cluster.local',
  opaque: false,
  endpoint: null,
  routes: [],
  retryBudget: null,
  targets: [],
  ...over,
});

/** What a test says a destination is, and may change later. */
export class FakeDiscovered implements HeldDiscovered {
  readonly policy: Value<OutboundPolicy>;
  readonly profile: Value<Profile | null>;
  released = false;

  constructor(policy: OutboundPolicy, profile: Profile | null = null) {
    this.policy = new Value(policy);
    this.profile = new Value(profile);
  }

  release(): void {
    this.released = true;
  }
}

export interface OutboundWorldOptions {
  /** How endpoints are spoken to; over real sockets unless told. */
  readonly clients?: HttpClients;
  /** Who this side is in the mesh; nobody unless told. */
  readonly credentials?: Credentials;
  /** What names resolve to, or why they do not; nothing unless told. */
  readonly endpoints?: Record<string, readonly Endpoint[] | string>;
}

const socketClients: HttpClients = {
  http1: (connect) => new Http1Pool(connect),
  http2: (connect) => new Http2Client(connect, { backoff: { minMs: 10, maxMs: 100, jitter: 0 } }),
};

/** Everything of the outbound side but its listeners. */
export function outboundWorld({
  clients = socketClients,
  credentials = new Credentials([]),
  endpoints = {},
}: OutboundWorldOptions = {}) {
  const clock = new FakeClock();
  const registry = new Registry(1000);
  const metrics = new OutboundMetrics(registry);
  const transport = new TransportMetrics(registry);
  const connector = new EndpointConnector(credentials, {
    timeoutMs: 1000,
    ownIps: new Set(),
    onFailure() {},
  });
  const factory = new EndpointFactory({
    connector,
    clients,
    http: new HttpMetrics(registry, ''),
    transport,
    cost: metrics.transferCost,
    clock,
    onBreaker() {},
  });
  const resolved: string[] = [];
  const resolve = (path: string, listener: EndpointListener) => {
    resolved.push(path);
    const known = endpoints[path] ?? [];
    if (typeof known === 'string') listener.onRejected(known);
    else listener.onReset(known);
    return () => {};
  };
  const queue = { queueCapacity: 10, failFastTimeoutMs: 3000 };
  const backends = new Backends(resolve, factory, { http: queue, tcp: queue }, metrics, clock);
  const profileRoutes = new ProfileRouteMetrics(registry);
  const deps = { backends, metrics, profileRoutes, now: () => clock.now() };
  const log = new RecordingLogger('info');
  const drain = new Drain();

  const target = (discovered: FakeDiscovered, ip = '10.0.0.1', port = 80): LogicalTarget =>
    new LogicalTarget({ kind: 'address', ip, port }, discovered, deps);

  const server = (discover: Discover, mode: 'sidecar' | 'ingress' = 'sidecar') => {
    const targets = new LogicalTargets(discover, deps, 5000, clock);
    const Server = mode === 'ingress' ? IngressServer : OutboundServer;
    return new Server({
      detectTimeoutMs: 1000,
      targets,
      stack: outboundStack({
        maxInFlight: 100,
        hostnameLabels: false,
        metrics,
        log,
        clock,
        ...(mode === 'ingress' ? { targetsByRequest: targets } : {}),
      }),
      http: { http1: http1ServerOptions(), http2: {}, drain },
      informational: true,
      hostnameLabels: true,
      metrics,
      transport,
      drain,
      log,
      now: () => clock.now(),
      random: () => 0,
    });
  };

  return { backends, clock, drain, log, metrics, registry, resolved, server, target };
}
