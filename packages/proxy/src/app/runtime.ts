import type { Clock } from '../balance/balancer.ts';
import { DebugState } from '../debug-state/debug-state.ts';
import { InboundMetrics } from '../inbound/metrics.ts';
import { Drain } from '../lifecycle/drain.ts';
import type { LogHub } from '../log/logger.ts';
import { HandshakeMetrics } from '../metrics/handshakes.ts';
import { HttpMetrics } from '../metrics/http.ts';
import { OffenceMetrics } from '../metrics/offences.ts';
import { overflowMetric, processMetrics } from '../metrics/process.ts';
import { Registry } from '../metrics/registry.ts';
import { Counter } from '../metrics/series.ts';
import { TransportMetrics } from '../metrics/transport.ts';
import { OutboundMetrics } from '../outbound/metrics.ts';
import { ProfileRouteMetrics } from '../profile/metrics.ts';
import type { TapLimits } from '../tap/budget.ts';
import { TapMetrics } from '../tap/metrics.ts';
import { Taps } from '../tap/taps.ts';
import type { ThreadContext } from '../threads/thread-context.ts';
import { OpenConnections } from '../transport/open-connections.ts';
import { writeToStderr } from './access-log.ts';

/** What every part of one thread of a running proxy shares. */
export interface Runtime {
  readonly context: ThreadContext;
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

/** The only thread of a process. */
export const alone: ThreadContext = {
  thread: 0,
  threads: 1,
  now: () => performance.now(),
  balance: null,
  buckets: null,
  remoteTaps: null,
  writeAccessLog: writeToStderr,
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
export function createRuntime(retainIdleMs: number, logs: LogHub, context: ThreadContext = alone): Runtime {
  const clock: Clock = {
    now: context.now,
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
    random: Math.random,
  };
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
  if (context.thread === 0) processMetrics(registry, version);
  else overflowMetric(registry);
  return {
    context,
    registry,
    metrics,
    taps: createTaps(context, metrics.tap),
    connections,
    debugState: new DebugState(),
    drain: new Drain(),
    clock,
    logs,
  };
}

/** Each thread tells of its share of the requests; the main thread counts what it sends for all. */
function createTaps({ now, remoteTaps, thread, threads }: ThreadContext, metrics: TapMetrics): Taps {
  const limits = { ...tapLimits, requestsPerSecond: Math.ceil(tapLimits.requestsPerSecond / threads) };
  const counted = thread === 0 ? metrics : { ...metrics, events: new Counter() };
  return new Taps(limits, counted, now, remoteTaps);
}
