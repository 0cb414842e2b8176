import type { Clock } from '../balance/balancer.ts';
import type { Config } from '../config/config.ts';
import { TraceMetrics } from '../trace/metrics.ts';
import type { Span } from '../trace/span.ts';
import { SpanExporter } from '../trace/span-exporter.ts';
import { type SpanLayers, spanLayers } from '../trace/span-layers.ts';
import { SpanQueue } from '../trace/span-queue.ts';
import type { ControlPlane } from './control.ts';
import type { Runtime } from './runtime.ts';

/** Linkerd sends at least every 10 s. Writing a batch keeps the event loop from the traffic for about a millisecond. */
const flushMs = 10_000;
/** How long spans of a worker wait before the main thread gets them. */
const workerFlushMs = 500;
const batch = 100;
const capacity = 2000;
const exportTimeoutMs = 10_000;
/** How long the end of the process waits for the last spans. */
const lastFlushMs = 2000;

export interface Tracing {
  readonly inbound: SpanLayers;
  readonly outbound: SpanLayers;
  /** Takes a span of another thread. */
  take(span: Span): void;
  /** Sends what waits, if the collector takes it in time. */
  close(): Promise<void>;
}

/** Assembles tracing; null where no collector is configured, and nothing of it is loaded then. */
export function createTracing(config: Config, runtime: Runtime, control: ControlPlane): Tracing | null {
  const { tracing } = config;
  if (tracing === null) return null;
  const { clock, logs } = runtime;
  const metrics = new TraceMetrics(runtime.registry);
  const attributes = {
    'process.pid': process.pid,
    'process.start_timestamp': Math.round(Date.now() / 1000 - process.uptime()),
    ...Object.fromEntries(tracing.attributes),
  };
  const exporter = new SpanExporter({
    client: control.collector(tracing.service),
    loadEncoder: async () => (await import('../trace/otlp-encoder.ts')).createOtlpEncoder(attributes),
    timeoutMs: exportTimeoutMs,
    epoch: () => Date.now() - clock.now(),
    metrics,
    log: logs.logger('linkerd_proxy_opentelemetry'),
  });
  const send = exporter.send.bind(exporter);
  return tracingTo(new SpanQueue({ capacity, batch, flushMs, send, clock, metrics }), clock);
}

/** Tracing of a worker; `send` hands spans to the main thread. */
export function createWorkerTracing(
  { tracing }: Config,
  { clock, registry }: Runtime,
  send: (spans: readonly Span[]) => Promise<void>,
): Tracing | null {
  if (tracing === null) return null;
  const metrics = new TraceMetrics(registry);
  return tracingTo(new SpanQueue({ capacity, batch, flushMs: workerFlushMs, send, clock, metrics }), clock);
}

function tracingTo(queue: SpanQueue, clock: Clock): Tracing {
  const take = queue.push.bind(queue);
  const sink = { now: clock.now, take };
  return {
    take,
    inbound: spanLayers('inbound', sink),
    outbound: spanLayers('outbound', sink),
    close: async () => {
      const timeUp = new Promise((resolve) => clock.setTimeout(() => resolve(null), lastFlushMs));
      await Promise.race([queue.flush(), timeUp]);
    },
  };
}
