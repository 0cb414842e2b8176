import type { Config } from '../config/config.ts';
import { Http1Pool } from '../http1/pool.ts';
import { Http2Client } from '../http2/client.ts';
import { reportingFailures } from '../inbound/connect-application.ts';
import { InboundServer } from '../inbound/inbound-server.ts';
import { LocalTargets, type LocalVersion } from '../inbound/local-targets.ts';
import type { Gateway, InboundPolicies, InboundProfiles } from '../inbound/ports.ts';
import { inboundGatewayStack, inboundStack, toLocalTarget } from '../inbound/stack.ts';
import { tapInbound } from '../inbound/tap-inbound.ts';
import type { Credentials } from '../tls/credentials.ts';
import { HandshakeGate } from '../tls/handshake-gate.ts';
import type { SpanLayers } from '../trace/span-layers.ts';
import { connectTcp } from '../transport/connect-tcp.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { createAccessLog } from './access-log.ts';
import { httpServerOptions } from './http-server-options.ts';
import { endpointLimits } from './peer-limits.ts';
import type { Runtime } from './runtime.ts';

/** Handshakes under way at a time, in all threads; the oldest is given up for one more. */
const maxHandshakes = 4096;

/** Assembles the side that takes what comes to the pod. */
export function createInbound(
  config: Config,
  runtime: Runtime,
  credentials: Credentials,
  policies: InboundPolicies,
  profiles: InboundProfiles,
  gateway: Gateway | null,
  spans: SpanLayers | null = null,
): InboundServer {
  const { identity, inbound } = config;
  const { clock, context, drain, logs, metrics } = runtime;
  const log = logs.logger('linkerd_app_inbound');
  const connectLocal = (target: SocketAddress) =>
    connectTcp(target, { ...inbound.connect, refusePort: inbound.listen.port });
  const limits = endpointLimits('inbound', config.peerLimits, metrics.offences);
  const http2 = { ...limits.http2, ...config.http2Client };
  const makeClient = (target: SocketAddress, version: LocalVersion) =>
    version === 'http1'
      ? new Http1Pool(observed(target), { ...inbound.http1Pool, ...limits.http1 })
      : new Http2Client(observed(target), { backoff: inbound.connect.backoff, http2 });
  const observed = (target: SocketAddress) => {
    const connect = reportingFailures(connectLocal(target), target, log);
    return async (signal: AbortSignal) => {
      const connection = await connect(signal);
      connection.observe(metrics.transport.open(localLabels));
      return connection;
    };
  };
  const stackOptions = {
    maxInFlight: inbound.maxInFlight,
    authorityLabels: inbound.authorityLabels,
    metrics: metrics.inbound,
    log,
    accessLog: createAccessLog(config.log, runtime.registry, context.writeAccessLog),
    buckets: context.buckets,
    spans,
    now: clock.now,
    random: clock.random,
  };
  return new InboundServer({
    listenPort: inbound.listen.port,
    ownIps: inbound.ips,
    serverName: identity.serverName,
    detectTimeoutMs: inbound.detectTimeoutMs,
    policies,
    profiles,
    credentials,
    handshakes: new HandshakeGate(Math.ceil(maxHandshakes / context.threads)),
    connectLocal,
    targets: new LocalTargets(
      makeClient,
      {
        queueCapacity: inbound.httpQueue.capacity,
        failFastTimeoutMs: inbound.httpQueue.failFastTimeoutMs,
        idleMs: inbound.discoveryIdleTimeoutMs,
      },
      clock,
    ),
    stack: inboundStack(stackOptions, toLocalTarget(clock.now, tapInbound(runtime.taps), spans)),
    gateway:
      gateway === null ? null : { ways: gateway, stack: inboundGatewayStack(stackOptions, identity.name) },
    http: httpServerOptions('inbound', inbound.http2Server, config.peerLimits, runtime),
    metrics: metrics.inbound,
    httpMetrics: metrics.http,
    transport: metrics.transport,
    failedHandshakes: metrics.handshakes,
    drain,
    log,
    now: clock.now,
  });
}

const localLabels = 'direction="inbound",peer="dst",tls="no_identity",no_tls_reason="loopback"';
