import type { Clock } from '../balance/balancer.ts';
import { DebugState } from '../debug-state/debug-state.ts';
import { InboundMetrics } from '../inbound/metrics.ts';
import { Drain } from '../lifecycle/drain.ts';
import type { LogHub } from '../log/logger.ts';
import { HandshakeMetrics } from '../metrics/handshakes.ts';
import { HttpMetrics } from '../metrics/http.ts';
import { OffenceMetrics } from '../metrics/offences.ts';
import { processMetrics } from '../metrics/process.ts';
import { Registry } from '../metrics/registry.ts';
import { TransportMetrics } from '../metrics/transport.ts';
import { OutboundMetrics } from '../outbound/metrics.ts';
import { ProfileRouteMetrics } from '../profile/metrics.ts';
import type { TapLimits } from '../tap/budget.ts';
import { TapMetrics } from '../tap/metrics.ts';
import { Taps } from '../tap/taps.ts';
import { OpenConnections } from '../transport/open-connections.ts';

/** What every part of a running proxy shares. */
export interface Runtime {
  readonly registry: Registry;
  readonly metrics: {
    readonly inbound: InboundMetrics;
    readonly outbound: OutboundMetrics;
    readonly http: HttpMetrics;
    readonly profileRoutes: ProfileRouteMetrics;
    readonly control: HttpMetrics;
    readonly transport: TransportMetrics;
    readonly offences: OffenceMetrics;
    readonly handshakes: HandshakeMetrics;
    readonly tap: TapMetrics;
  };
  readonly taps: Taps;
  readonly connections: OpenConnections;
  /** What `/debug/state` shows. */
  readonly debugState: DebugState;
  readonly drain: Drain;
  readonly clock: Clock;
  readonly logs: LogHub;
}

const clock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  random: Math.random,
};

export const version = { version: '0.1.0', sha: '' };

/**
 * So that tapping costs the traffic a few percent of a core at most. Linkerd's tools ask for a hundred requests
 * a second each, with a handful of conditions.
 */
const tapLimits: TapLimits = {
  taps: 64,
  conditions: 256,
  requestsPerSecond: 500,
  queuedEvents: 400,
  queuedBytes: 4 * 1024 * 1024,
};

/** Families are written in the order in which they are made here. */
export function createRuntime(retainIdleMs: number, logs: LogHub): Runtime {
  const registry = new Registry(retainIdleMs);
  const connections = new OpenConnections(clock.now);
  const inbound = new InboundMetrics(registry);
  const outbound = new OutboundMetrics(registry);
  const metrics = {
    inbound,
    outbound,
    http: new HttpMetrics(registry, ''),
    profileRoutes: new ProfileRouteMetrics(registry),
    control: new HttpMetrics(registry, 'control_'),
    transport: new TransportMetrics(registry, connections),
    offences: new OffenceMetrics(registry),
    handshakes: new HandshakeMetrics(registry),
    tap: new TapMetrics(registry),
  };
  processMetrics(registry, version);
  const taps = new Taps(tapLimits, metrics.tap, clock.now);
  return {
    registry,
    metrics,
    taps,
    connections,
    debugState: new DebugState(),
    drain: new Drain(),
    clock,
    logs,
  };
}
