import type { DetectedHttp } from '../detect/detect-http.ts';
import type { CounterFamily, HistogramFamily } from './family.ts';
import { joinLabels } from './labels.ts';
import type { Registry } from './registry.ts';

const bucketsSeconds = [0.0001, 0.001, 0.01, 0.1, 1, 10];

const results = {
  opaque: 'not_http',
  http1: 'http/1',
  http2: 'http/2',
  timeout: 'read_timeout',
  error: 'error',
} as const;

/** Outcomes of HTTP detection, and how long it took. */
export class DetectMetrics {
  readonly #results: CounterFamily;
  readonly #duration: HistogramFamily;

  constructor(registry: Registry, direction: 'inbound' | 'outbound') {
    this.#results = registry.counter(
      'registry',
      `${direction}_tcp_detect_http_results`,
      'Outcomes of HTTP detection.',
    );
    this.#duration = registry.histogram(
      'registry',
      `${direction}_tcp_detect_http_duration`,
      'How long HTTP detection took.',
      bucketsSeconds,
      { unit: 'seconds' },
    );
  }

  /** All outcomes of one set of labels exist from its first connection on. */
  count(labels: string, outcome: DetectedHttp | 'error', ms: number): void {
    for (const [name, result] of Object.entries(results)) {
      this.#results.with(joinLabels(`result="${result}"`, labels)).inc(name === outcome ? 1 : 0);
    }
    this.#duration.with(labels).observe(ms / 1000);
  }
}
