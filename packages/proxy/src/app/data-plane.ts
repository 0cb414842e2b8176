import type { Config } from '../config/config.ts';
import type { InboundServer } from '../inbound/inbound-server.ts';
import type { ConnectionAcceptor } from '../outbound/carry-connection.ts';
import type { Credentials } from '../tls/credentials.ts';
import type { SpanLayers } from '../trace/span-layers.ts';
import type { Listener } from '../transport/listener.ts';
import type { Discovery } from './discovery.ts';
import { createInbound } from './inbound.ts';
import { createOutbound } from './outbound.ts';
import type { Runtime } from './runtime.ts';

/** What carries the traffic. */
export interface DataPlane {
  readonly inbound: InboundServer;
  readonly outbound: ConnectionAcceptor;
}

/** Assembles both sides; `spans`: null without tracing. */
export function createDataPlane(
  config: Config,
  runtime: Runtime,
  credentials: Credentials,
  { destinations, endpoints, policies, profiles }: Discovery,
  spans: { readonly inbound: SpanLayers; readonly outbound: SpanLayers } | null,
): DataPlane {
  const { gateway, server } = createOutbound(
    config,
    runtime,
    credentials,
    destinations,
    endpoints.resolve,
    spans?.outbound ?? null,
  );
  const inbound = createInbound(
    config,
    runtime,
    credentials,
    policies,
    profiles,
    gateway,
    spans?.inbound ?? null,
  );
  return { inbound, outbound: server };
}

/** Lets it take what has arrived at its listeners, and all that comes. */
export function carryTraffic(
  { inbound, outbound }: DataPlane,
  listeners: { readonly inbound: Listener; readonly outbound: readonly Listener[] },
): void {
  listeners.inbound.acceptRedirected((connection, target) => void inbound.accept(connection, target));
  for (const listener of listeners.outbound) {
    listener.acceptRedirected((connection, target) => void outbound.accept(connection, target));
  }
}
