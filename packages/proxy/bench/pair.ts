/**
 * Both sides of the proxy in one process, without a control plane: what a meshed HTTP request costs.
 *
 *     node bench/pair.ts BACKEND_PORT [LISTEN_PORT]
 */

import { create } from '@bufbuild/protobuf';
import { decodeProfile, defaultServerPolicy, type Endpoint, synthesizeOutbound } from '@weft/policy';
import { DestinationProfileSchema } from '@weft/proto/destination';
import { Http1Pool } from '../src/http1/pool.ts';
import { http1ServerOptions } from '../src/http1/server-options.ts';
import { Http2Client } from '../src/http2/client.ts';
import { InboundServer } from '../src/inbound/inbound-server.ts';
import { LocalTargets } from '../src/inbound/local-targets.ts';
import { InboundMetrics } from '../src/inbound/metrics.ts';
import { inboundStack, toLocalTarget } from '../src/inbound/stack.ts';
import { Drain } from '../src/lifecycle/drain.ts';
import { HandshakeMetrics } from '../src/metrics/handshakes.ts';
import { HttpMetrics } from '../src/metrics/http.ts';
import { Registry } from '../src/metrics/registry.ts';
import { TransportMetrics } from '../src/metrics/transport.ts';
import { Backends } from '../src/outbound/backends.ts';
import { EndpointConnector } from '../src/outbound/endpoint-connector.ts';
import { EndpointFactory } from '../src/outbound/endpoint-factory.ts';
import { LogicalTargets } from '../src/outbound/logical-targets.ts';
import { OutboundMetrics } from '../src/outbound/metrics.ts';
import { OutboundServer } from '../src/outbound/outbound-server.ts';
import { outboundStack } from '../src/outbound/stack.ts';
import { ProfileRouteMetrics } from '../src/profile/metrics.ts';
import { Authority } from '../src/tls/certificates.builder.ts';
import { Credentials } from '../src/tls/credentials.ts';
import { HandshakeGate } from '../src/tls/handshake-gate.ts';
import { connectTcp } from '../src/transport/connect-tcp.ts';
import { listenTcp } from '../src/transport/listener.ts';

const backendPort = Number(process.argv[2]);
const listenPort = Number(process.argv[3] ?? 4140);
const meshPort = listenPort + 1;
const name = 'app.bench.serviceaccount.identity.linkerd.cluster.local';

const quiet = {
  enabled: () => false,
  error: console.error,
  warn: console.error,
  info() {},
  debug() {},
  trace() {},
};
const clock = {
  now: () => performance.now(),
  setTimeout: (callback: () => void, ms: number) => setTimeout(callback, ms),
  clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
  random: Math.random,
};
const registry = new Registry(600_000);
const transport = new TransportMetrics(registry);
const httpMetrics = new HttpMetrics(registry, '');
const inboundMetrics = new InboundMetrics(registry);
const outboundMetrics = new OutboundMetrics(registry);
const drain = new Drain();
const root = Authority.root();
const credentials = new Credentials([root.certificate]);
credentials.replace(root.issuer().certify(name));
const http = { http1: http1ServerOptions(), http2: {}, drain };
const backoff = { minMs: 100, maxMs: 1000, jitter: 0.1 };

const policy = defaultServerPolicy('all-unauthenticated', {
  clusterNetworks: [],
  detectTimeoutMs: 10_000,
  opaque: false,
});
const connectLocal = (target: { ip: string; port: number }) => connectTcp(target, { timeoutMs: 1000 });
const inbound = new InboundServer({
  listenPort: 1,
  ownIps: new Set(),
  serverName: name,
  detectTimeoutMs: 10_000,
  policies: { get: () => ({ current: policy, subscribe: () => () => {}, release() {} }) },
  profiles: { acquire: () => null },
  credentials,
  handshakes: new HandshakeGate(1000),
  connectLocal,
  targets: new LocalTargets(
    (target, version) =>
      version === 'http1'
        ? new Http1Pool(connectLocal(target))
        : new Http2Client(connectLocal(target), { backoff }),
    { queueCapacity: 10_000, failFastTimeoutMs: 1000, idleMs: 90_000 },
    clock,
  ),
  stack: inboundStack(
    {
      maxInFlight: 100_000,
      authorityLabels: false,
      metrics: inboundMetrics,
      log: quiet,
      now: clock.now,
      random: Math.random,
    },
    toLocalTarget(clock.now),
  ),
  http,
  metrics: inboundMetrics,
  httpMetrics,
  transport,
  failedHandshakes: new HandshakeMetrics(registry),
  drain,
  log: quiet,
  now: clock.now,
});

const endpoint: Endpoint = {
  ip: '127.0.0.1',
  port: meshPort,
  tls: { serverId: { kind: 'dns', name }, serverName: name },
  protocolHint: 'h2',
  inboundPort: null,
  authorityOverride: null,
  http2: null,
  labels: new Map([['dst_pod', 'p1']]),
  zoneLocality: 'unknown',
};
const profile = { ...decodeProfile(create(DestinationProfileSchema)), endpoint };
const outboundPolicy = synthesizeOutbound(
  profile,
  { ip: '10.0.0.1', port: 80 },
  { capacity: 100, failfastTimeoutMs: 3000 },
);
const factory = new EndpointFactory({
  connector: new EndpointConnector(credentials, {
    timeoutMs: 1000,
    ownIps: new Set(),
    onFailure: console.error,
  }),
  clients: {
    http1: (connect) => new Http1Pool(connect),
    http2: (connect) => new Http2Client(connect, { backoff }),
  },
  http: httpMetrics,
  transport,
  cost: outboundMetrics.transferCost,
  clock,
  onBreaker() {},
});
const queue = { queueCapacity: 10_000, failFastTimeoutMs: 3000 };
const backends = new Backends(() => () => {}, factory, { http: queue, tcp: queue }, outboundMetrics, clock);
const live = <T>(current: T) => ({ current, subscribe: () => () => {} });
const discover = async () => ({ profile: live(null), policy: live(outboundPolicy), release() {} });
const outbound = new OutboundServer({
  detectTimeoutMs: 10_000,
  targets: new LogicalTargets(
    discover,
    {
      backends,
      metrics: outboundMetrics,
      profileRoutes: new ProfileRouteMetrics(registry),
      now: clock.now,
    },
    5000,
    clock,
  ),
  stack: outboundStack({
    maxInFlight: 100_000,
    hostnameLabels: false,
    metrics: outboundMetrics,
    log: quiet,
    clock,
  }),
  http,
  informational: true,
  hostnameLabels: false,
  metrics: outboundMetrics,
  transport,
  drain,
  log: quiet,
  now: clock.now,
  random: Math.random,
});

const out = await listenTcp({ ip: '127.0.0.1', port: listenPort }, { name: 'outbound', log: quiet });
out.accept((connection) => void outbound.accept(connection, { ip: '10.0.0.1', port: 80 }));
const mesh = await listenTcp({ ip: '127.0.0.1', port: meshPort }, { name: 'inbound', log: quiet });
mesh.accept((connection) => void inbound.accept(connection, { ip: '127.0.0.1', port: backendPort }));
console.log(`outbound on ${listenPort}, inbound on ${meshPort}`);
process.on('SIGTERM', () => process.exit(0));
process.on('SIGUSR2', () => console.log(registry.render(Date.now())));
