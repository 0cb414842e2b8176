import type { GrpcClient } from '../grpc/client.ts';
import type { Logger } from '../log/logger.ts';
import type { TraceMetrics } from './metrics.ts';
import type { OtlpEncoder } from './otlp-encoder.ts';
import type { Span } from './span.ts';

export interface SpanExporterDeps {
  readonly client: GrpcClient;
  readonly loadEncoder: () => Promise<OtlpEncoder>;
  /** Of one request, milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds since the epoch when the monotonic clock was at zero; it is asked anew for each batch. */
  readonly epoch: () => number;
  readonly metrics: TraceMetrics;
  readonly log: Logger;
}

const SERVICE = 'opentelemetry.proto.collector.trace.v1.TraceService';
const METHOD = 'Export';

/** Sends spans to a collector over OTLP. What fails is counted and forgotten, and said once until it goes well again. */
export class SpanExporter {
  readonly #deps: SpanExporterDeps;
  #encoder: OtlpEncoder | null = null;
  #failing = false;

  constructor(deps: SpanExporterDeps) {
    this.#deps = deps;
  }

  /** Never rejects. */
  async send(spans: readonly Span[]): Promise<void> {
    const { client, epoch, loadEncoder, log, metrics, timeoutMs } = this.#deps;
    try {
      if (this.#encoder === null) {
        this.#encoder = await loadEncoder();
        metrics.streams.inc();
      }
      const request = this.#encoder.encode(spans, epoch());
      metrics.requests.inc();
      const timeout = AbortSignal.timeout(timeoutMs);
      const answer = await client.unaryBytes(SERVICE, METHOD, request, timeout);
      const rejected = Math.min(spans.length, this.#encoder.rejectedIn(answer));
      metrics.spans.inc(spans.length - rejected);
      metrics.droppedFor.rejected.inc(rejected);
      if (this.#failing) log.info('Spans are exported again');
      this.#failing = false;
    } catch (error) {
      metrics.droppedFor.failed.inc(spans.length);
      if (!this.#failing)
        log.warn('Spans cannot be exported and are dropped', { spans: spans.length, error });
      this.#failing = true;
    }
  }
}
