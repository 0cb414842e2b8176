import type { Endpoint } from '@weft/policy';
import type { Config } from '../config/config.ts';
import { describeBalancers, describeTargets } from '../debug-state/describe-outbound.ts';
import type { Destination } from '../discovery/destination.ts';
import type { OutboundDiscovery } from '../discovery/outbound-discovery.ts';
import { OutboundGateway } from '../gateway/gateway.ts';
import { Http1Pool } from '../http1/pool.ts';
import { Http2Client } from '../http2/client.ts';
import type { Http2Options } from '../http2/options.ts';
import type { Gateway } from '../inbound/ports.ts';
import { Backends } from '../outbound/backends.ts';
import type { ConnectionAcceptor } from '../outbound/carry-connection.ts';
import { EndpointConnector } from '../outbound/endpoint-connector.ts';
import { EndpointFactory } from '../outbound/endpoint-factory.ts';
import { IngressServer } from '../outbound/ingress-server.ts';
import { LogicalTargets } from '../outbound/logical-targets.ts';
import { OutboundServer } from '../outbound/outbound-server.ts';
import type { ResolveEndpoints } from '../outbound/ports.ts';
import { outboundGatewayStack, outboundStack } from '../outbound/stack.ts';
import { tapOutbound } from '../outbound/tap-outbound.ts';
import type { Credentials } from '../tls/credentials.ts';
import type { SpanLayers } from '../trace/span-layers.ts';
import type { Connect } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';
import { httpServerOptions } from './http-server-options.ts';
import { endpointLimits } from './peer-limits.ts';
import type { Runtime } from './runtime.ts';

export interface Outbound {
  readonly server: ConnectionAcceptor;
  /** null: this proxy is no gateway. */
  readonly gateway: Gateway | null;
}

/** Assembles the side that takes what the pod's applications open. */
export function createOutbound(
  config: Config,
  runtime: Runtime,
  credentials: Credentials,
  discovery: OutboundDiscovery,
  resolve: ResolveEndpoints,
  spans: SpanLayers | null = null,
): Outbound {
  const { inbound, outbound } = config;
  const { clock, drain, logs, metrics } = runtime;
  const log = logs.logger('linkerd_app_outbound');
  const connector = new EndpointConnector(credentials, {
    ...outbound.connect,
    refuseLoopback: true,
    ownIps: inbound.ips,
    onFailure: (endpoint, error) => {
      metrics.handshakes.count('outbound', error);
      log.info('Failed to connect', { endpoint: formatAddress(endpoint), error });
    },
  });
  const limits = endpointLimits('outbound', config.peerLimits, metrics.offences);
  const clients = {
    http1: (connect: Connect) => new Http1Pool(connect, { ...outbound.http1Pool, ...limits.http1 }),
    http2: (connect: Connect, endpoint: Endpoint) =>
      new Http2Client(connect, {
        backoff: outbound.connect.backoff,
        http2: { ...limits.http2, ...config.http2Client, ...http2Overrides(endpoint) },
      }),
  };
  const factory = new EndpointFactory({
    connector,
    clients,
    http: metrics.http,
    transport: metrics.transport,
    cost: metrics.outbound.transferCost,
    clock,
    onBreaker: (endpoint, state) => log.info(breakerNews[state], { endpoint: formatAddress(endpoint) }),
  });
  const queues = {
    http: {
      queueCapacity: outbound.httpQueue.capacity,
      failFastTimeoutMs: outbound.httpQueue.failFastTimeoutMs,
    },
    tcp: {
      queueCapacity: outbound.tcpQueue.capacity,
      failFastTimeoutMs: outbound.tcpQueue.failFastTimeoutMs,
    },
  };
  const backends = new Backends(resolve, factory, queues, metrics.outbound, clock);
  const discover = (destination: Destination, signal: AbortSignal) => discovery.discover(destination, signal);
  const { discoveryIdleTimeoutMs, ingressMode } = outbound;
  const targetDeps = {
    backends,
    metrics: metrics.outbound,
    profileRoutes: metrics.profileRoutes,
    now: clock.now,
  };
  const targets = new LogicalTargets(discover, targetDeps, discoveryIdleTimeoutMs, clock);
  runtime.debugState.section('outbound', () => ({
    targets: describeTargets(targets.inUse()),
    balancers: describeBalancers(backends.inUse(), clock.now()),
  }));
  const stackOptions = {
    maxInFlight: outbound.maxInFlight,
    hostnameLabels: outbound.hostnameLabels,
    metrics: metrics.outbound,
    log,
    clock,
    through: tapOutbound(runtime.taps),
    spans,
  };
  const serverDeps = {
    detectTimeoutMs: outbound.detectTimeoutMs,
    http: httpServerOptions('outbound', outbound.http2Server, config.peerLimits, runtime),
    informational: outbound.informationalHeaders,
    hostnameLabels: outbound.hostnameLabels,
    metrics: metrics.outbound,
    transport: metrics.transport,
    drain,
    log,
    now: clock.now,
    random: clock.random,
  };
  const Server = ingressMode ? IngressServer : OutboundServer;
  const targetsByRequest = ingressMode ? { targetsByRequest: targets } : {};
  const stack = outboundStack({ ...stackOptions, ...targetsByRequest });
  const server = new Server({ ...serverDeps, targets, stack });
  if (inbound.gatewaySuffixes.length === 0) return { server, gateway: null };
  const gateway = new OutboundGateway(inbound.gatewaySuffixes, {
    ...serverDeps,
    targets: new LogicalTargets(
      discover,
      { ...targetDeps, byProfileAlone: true },
      discoveryIdleTimeoutMs,
      clock,
    ),
    stack: outboundGatewayStack(stackOptions),
  });
  return { server, gateway };
}

const breakerNews = {
  shut: 'Endpoint fails and is left alone',
  probation: 'Endpoint may be tried',
  probing: 'Endpoint is tried with one request',
  open: 'Endpoint is in use again',
} as const;

/** What the controller asks for in connections to this endpoint. */
function http2Overrides({ http2 }: Endpoint): Partial<Http2Options> {
  if (http2 === null) return {};
  return {
    ...(http2.connectionWindow > 0 ? { connectionWindow: http2.connectionWindow } : {}),
    ...(http2.streamWindow > 0 ? { streamWindow: http2.streamWindow } : {}),
    ...(http2.maxFrameSize > 0 ? { maxFrameSize: http2.maxFrameSize } : {}),
    ...(http2.keepAlive === null ? {} : { keepAlive: http2.keepAlive }),
  };
}
