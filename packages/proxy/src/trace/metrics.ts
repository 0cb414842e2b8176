import type { Registry } from '../metrics/registry.ts';
import type { Counter } from '../metrics/series.ts';

/** What becomes of spans; made only where there is tracing. */
export class TraceMetrics {
  readonly streams: Counter;
  readonly requests: Counter;
  readonly spans: Counter;
  readonly droppedFor: {
    /** More of them wait than may. */
    readonly full: Counter;
    /** The collector could not be reached, or did not answer in good order. */
    readonly failed: Counter;
    /** The collector did not want them. */
    readonly rejected: Counter;
  };

  constructor(registry: Registry) {
    const legacy = (name: string, help: string) => registry.counter('legacy', name, help).with('');
    this.streams = legacy(
      'opentelemetry_span_export_streams',
      'Times that spans began to be sent to the collector.',
    );
    this.requests = legacy(
      'opentelemetry_span_export_requests',
      'Requests with spans that were sent to the collector.',
    );
    this.spans = legacy('opentelemetry_span_exports', 'Spans that the collector has taken.');
    const dropped = registry.counter(
      'registry',
      'proxy_trace_dropped_spans',
      'Spans that were not exported.',
    );
    this.droppedFor = {
      full: dropped.with('reason="queue_full"'),
      failed: dropped.with('reason="export_failed"'),
      rejected: dropped.with('reason="rejected"'),
    };
  }
}
