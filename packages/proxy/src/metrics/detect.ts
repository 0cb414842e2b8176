import type { DetectedHttp } from '../detect/detect-http.ts';
import type { CounterFamily, HistogramFamily } from './family.ts';
import { joinLabels } from './labels.ts';
import type { Registry } from './registry.ts';
import type { Counter, Histogram } from './series.ts';

const bucketsSeconds = [0.0001, 0.001, 0.01, 0.1, 1, 10];

const resultLabels = {
  opaque: 'not_http',
  http1: 'http/1',
  http2: 'http/2',
  timeout: 'read_timeout',
  error: 'error',
} as const;

/** Sets of labels whose series are remembered. */
const MAX_KNOWN = 1000;

interface DetectSeries {
  readonly results: Readonly<Record<keyof typeof resultLabels, Counter>>;
  readonly duration: Histogram;
}

/** Outcomes of HTTP detection, and how long it took. */
export class DetectMetrics {
  readonly #results: CounterFamily;
  readonly #duration: HistogramFamily;
  readonly #known = new Map<string, DetectSeries>();

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
    const { results, duration } = this.#series(labels);
    results[outcome].inc();
    duration.observe(ms / 1000);
  }

  #series(labels: string): DetectSeries {
    let series = this.#known.get(labels);
    if (series === undefined) {
      const of = (outcome: keyof typeof resultLabels) =>
        this.#results.with(joinLabels(`result="${resultLabels[outcome]}"`, labels));
      series = {
        results: {
          opaque: of('opaque'),
          http1: of('http1'),
          http2: of('http2'),
          timeout: of('timeout'),
          error: of('error'),
        },
        duration: this.#duration.with(labels),
      };
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(labels, series);
    }
    return series;
  }
}
