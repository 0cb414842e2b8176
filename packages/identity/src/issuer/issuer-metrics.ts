import { Counter, Gauge, type Registry } from 'prom-client';

export class IssuerMetrics {
  readonly #registry: Registry;
  readonly #reloads: Counter<'result'>;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#reloads = new Counter({
      name: 'identity_issuer_reloads_total',
      help: 'Changed issuers found on disk, by whether they were put in force',
      labelNames: ['result'],
      registers: [registry],
    });
  }

  /** Shows how long the issuer is still valid, asked for whenever metrics are read. */
  timeToLive(seconds: () => number): void {
    new Gauge({
      name: 'issuer_cert_ttl_seconds',
      help: 'Seconds until the first certificate of the issuer chain expires; 0 until one is loaded',
      registers: [this.#registry],
      collect() {
        this.set(seconds());
      },
    });
  }

  updated(): void {
    this.#reloads.inc({ result: 'updated' });
  }

  refused(): void {
    this.#reloads.inc({ result: 'refused' });
  }
}
