import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How a request ended: with a decision, or before one. */
export type RequestOutcome =
  | 'allowed'
  | 'patched'
  | 'denied'
  | 'failed'
  | 'malformed'
  | 'too_large'
  | 'busy'
  | 'broken'
  | 'not_found';

/** What all webhooks of a process count, each under its name. */
export class AdmissionMetrics {
  readonly #requests: Counter<'webhook' | 'outcome'>;
  readonly #seconds: Histogram<'webhook'>;
  readonly #handshakes: Counter<'webhook'>;
  readonly #reloads: Counter<'file' | 'result'>;
  readonly #registry: Registry;
  #ended = 0;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registry = registry;
    this.#requests = new Counter({
      name: 'admission_webhook_requests_total',
      help: 'Requests by how they ended',
      labelNames: ['webhook', 'outcome'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'admission_webhook_duration_seconds',
      help: 'Time from the head of a request to its answer, waiting included',
      labelNames: ['webhook'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 10],
      registers,
    });
    this.#handshakes = new Counter({
      name: 'admission_webhook_handshake_failures_total',
      help: 'Connections whose TLS handshake failed',
      labelNames: ['webhook'],
      registers,
    });
    this.#reloads = new Counter({
      name: 'mounted_file_reloads_total',
      help: 'Changed files of mounted volumes, by whether their content was put in force',
      labelNames: ['file', 'result'],
      registers,
    });
  }

  /** Requests answered so far, by all webhooks. */
  get requestsEnded(): number {
    return this.#ended;
  }

  ended(webhook: string, outcome: RequestOutcome, seconds: number): void {
    this.#ended += 1;
    this.#requests.inc({ webhook, outcome });
    this.#seconds.observe({ webhook }, seconds);
  }

  handshakeFailed(webhook: string): void {
    this.#handshakes.inc({ webhook });
  }

  reloaded(file: string, result: 'updated' | 'refused'): void {
    this.#reloads.inc({ file, result });
  }

  /** Shows the load of the webhooks whenever metrics are read. */
  observeLoad(load: () => Iterable<{ webhook: string; bytes: number; waiting: number }>): void {
    this.#gauge('admission_webhook_bytes_in_flight', 'Bytes taken for bodies under way', function () {
      for (const { webhook, bytes } of load()) this.set({ webhook }, bytes);
    });
    this.#gauge('admission_webhook_requests_waiting', 'Requests that wait unread', function () {
      for (const { webhook, waiting } of load()) this.set({ webhook }, waiting);
    });
  }

  #gauge(name: string, help: string, collect: (this: Gauge<'webhook'>) => void): void {
    new Gauge({ name, help, labelNames: ['webhook'], registers: [this.#registry], collect });
  }
}
