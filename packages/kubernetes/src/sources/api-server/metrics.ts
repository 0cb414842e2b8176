import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ApiClient, ApiClientObserver } from '../../api/api-client.ts';
import type { Kind } from '../../kinds.ts';
import type { ApiServerSource, KindIndex } from './api-server-source.ts';
import type { RestartReason } from './reflector-observer.ts';

/** Requests to the API server, and how up to date what is known of it is. */
export class ApiServerMetrics implements ApiClientObserver {
  readonly #registers: Registry[];
  readonly #requests: Counter<'method' | 'code'>;
  readonly #durations: Histogram<'method'>;
  readonly #restarts: Counter<'kind' | 'reason'>;
  readonly #stalls: Counter<'kind'>;
  readonly #lists: Counter<'kind'>;
  readonly #malformed: Counter<'kind'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registers = registers;
    this.#requests = new Counter({
      name: 'kubernetes_requests_total',
      help: 'Requests to the API server, by status or by what went wrong without one',
      labelNames: ['method', 'code'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'kubernetes_request_duration_seconds',
      help: 'Until the answer was complete; of a watch, until it was accepted',
      labelNames: ['method'],
      buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 30],
      registers,
    });
    this.#restarts = new Counter({
      name: 'kubernetes_watch_restarts_total',
      help: 'Watches that began anew: ended by the server, silent for long, expired (410) or failed',
      labelNames: ['kind', 'reason'],
      registers,
    });
    this.#stalls = new Counter({
      name: 'kubernetes_watch_stalls_total',
      help: 'Silent watches that, renewed, turned out to have missed changes',
      labelNames: ['kind'],
      registers,
    });
    this.#lists = new Counter({
      name: 'kubernetes_lists_total',
      help: 'Complete lists: one at the start, and one whenever a watch could not go on',
      labelNames: ['kind'],
      registers,
    });
    this.#malformed = new Counter({
      name: 'kubernetes_objects_malformed_total',
      help: 'Versions of objects that could not be understood; the version before stayed in force',
      labelNames: ['kind'],
      registers,
    });
  }

  requested(method: string, code: string, seconds: number): void {
    this.#requests.inc({ method, code });
    this.#durations.observe({ method }, seconds);
  }

  restarted(kind: Kind, reason: RestartReason): void {
    this.#restarts.inc({ kind, reason });
  }

  stalled(kind: Kind): void {
    this.#stalls.inc({ kind });
  }

  listed(kind: Kind): void {
    this.#lists.inc({ kind });
  }

  malformed(kind: Kind): void {
    this.#malformed.inc({ kind });
  }

  /** Shows how many requests are under way and wait for their turn. */
  observeClient(client: ApiClient): void {
    this.#gauge('kubernetes_requests_in_flight', 'Requests under way', (gauge) =>
      gauge.set(client.load.inFlight),
    );
    this.#gauge('kubernetes_requests_waiting', 'Requests that wait for their turn', (gauge) =>
      gauge.set(client.load.waiting),
    );
  }

  /** Shows how every index is doing. */
  observeSource(source: ApiServerSource): void {
    const each = (name: string, help: string, value: (index: KindIndex) => number | undefined) =>
      this.#gauge(name, help, (gauge) => {
        for (const index of source.indexes()) {
          const number = value(index);
          if (number !== undefined) gauge.set({ kind: index.kind }, number);
        }
      });
    each(
      'kubernetes_index_age_seconds',
      'Time since the index was last known to be up to date: a list, an event, a bookmark, or a watch the server accepted',
      ({ freshAt }) => (freshAt === undefined ? undefined : Math.max(0, (Date.now() - freshAt) / 1000)),
    );
    each('kubernetes_index_synced', 'Whether the first list is complete', ({ synced }) => Number(synced));
    each('kubernetes_objects', 'Objects in the index', ({ objects }) => objects);
  }

  #gauge(name: string, help: string, collect: (gauge: Gauge<'kind'>) => void): void {
    const gauge: Gauge<'kind'> = new Gauge({
      name,
      help,
      labelNames: ['kind'],
      registers: this.#registers,
      collect: () => collect(gauge),
    });
  }
}
