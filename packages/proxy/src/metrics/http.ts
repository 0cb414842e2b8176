import type { Classification } from '../http/classify.ts';
import type { CounterFamily, HistogramFamily } from './family.ts';
import { joinLabels } from './labels.ts';
import type { Registry } from './registry.ts';
import type { Counter, Histogram, Series } from './series.ts';

const latencyBucketsMs = [
  1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 3000, 4000, 5000, 10_000, 20_000,
  30_000, 40_000, 50_000,
];

/** request_total, response_total and response_latency_ms, or their `route_` and `control_` forms. */
export class HttpMetrics {
  readonly #requests: CounterFamily;
  readonly #responses: CounterFamily;
  /** null: the attempts of a route have none. */
  readonly #latency: HistogramFamily | null;

  constructor(registry: Registry, prefix: '' | 'route_' | 'route_actual_' | 'control_') {
    const evicted = { evicted: true };
    this.#requests = registry.counter(
      'legacy',
      `${prefix}request_total`,
      'Total count of HTTP requests.',
      evicted,
    );
    this.#responses = registry.counter(
      'legacy',
      `${prefix}response_total`,
      'Total count of HTTP responses.',
      evicted,
    );
    this.#latency =
      prefix === 'route_actual_'
        ? null
        : registry.histogram(
            'legacy',
            `${prefix}response_latency_ms`,
            'Milliseconds from dispatching a request to the first frame of its response body.',
            latencyBucketsMs,
            evicted,
          );
  }

  /** The series of one target; release it when no more requests can come. */
  target(labels: string): HttpTargetMetrics {
    return new HttpTargetMetrics(labels, this.#requests, this.#responses, this.#latency);
  }
}

interface ByStatus {
  readonly labels: string;
  readonly latency: Histogram | null;
  readonly responses: Map<string, Counter>;
  /** Of responses without an error, where the classification is one that is met again. */
  readonly complete: Map<Classification, Counter>;
}

/** Classifications remembered for one status: more than there are that come as one object each. */
const MAX_COMPLETE = 32;

/** Counts for one set of labels; the series per status are found once and kept. */
export class HttpTargetMetrics {
  readonly #labels: string;
  readonly #responses: CounterFamily;
  readonly #latency: HistogramFamily | null;
  readonly #requests: Counter;
  readonly #byStatus = new Map<number, ByStatus>();
  readonly #held: Series[] = [];
  #released = false;

  constructor(
    labels: string,
    requests: CounterFamily,
    responses: CounterFamily,
    latency: HistogramFamily | null,
  ) {
    this.#labels = labels;
    this.#responses = responses;
    this.#latency = latency;
    this.#requests = this.#hold(requests.with(labels));
  }

  request(): void {
    this.#requests.inc();
  }

  /** `ms` from dispatch to the first body frame. */
  latency(status: number, ms: number): void {
    this.#of(status).latency?.observe(ms);
  }

  /** `status` 0: there was no response at all, and no such label. */
  response(status: number, outcome: Classification, error: string): void {
    const responses = status === 0 ? this.#withoutStatus() : this.#of(status);
    const known = error === '' ? responses.complete.get(outcome) : undefined;
    if (known !== undefined) {
      known.inc();
      return;
    }
    const counter = this.#responseCounter(responses, outcome, error);
    if (error === '' && responses.complete.size < MAX_COMPLETE) responses.complete.set(outcome, counter);
    counter.inc();
  }

  #responseCounter(
    responses: Pick<ByStatus, 'labels' | 'responses'>,
    { classification, grpcStatus }: Classification,
    error: string,
  ): Counter {
    const key = `${classification}/${grpcStatus}/${error}`;
    let counter = responses.responses.get(key);
    if (counter === undefined) {
      const labels = `classification="${classification}",grpc_status="${grpcStatus}",error="${error}"`;
      counter = this.#hold(this.#responses.with(joinLabels(responses.labels, labels)));
      responses.responses.set(key, counter);
    }
    return counter;
  }

  /** The series may be dropped once they are idle. Requests still under way are counted all the same. */
  release(): void {
    this.#released = true;
    for (const series of this.#held) series.users--;
    this.#held.length = 0;
    this.#byStatus.clear();
  }

  #of(status: number): ByStatus {
    let entry = this.#byStatus.get(status);
    if (entry === undefined) {
      const labels = joinLabels(this.#labels, `status_code="${status}"`);
      const latency = this.#latency === null ? null : this.#hold(this.#latency.with(labels));
      entry = { labels, latency, responses: new Map(), complete: new Map() };
      this.#byStatus.set(status, entry);
    }
    return entry;
  }

  #none: ByStatus | null = null;

  #withoutStatus(): ByStatus {
    this.#none ??= { labels: this.#labels, latency: null, responses: new Map(), complete: new Map() };
    return this.#none;
  }

  #hold<S extends Series>(series: S): S {
    if (this.#released) return series;
    series.users++;
    this.#held.push(series);
    return series;
  }
}
