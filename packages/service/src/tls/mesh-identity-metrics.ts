import { Counter, Gauge, type Registry } from 'prom-client';

/** Linkerd's names for the state of the own certificate. */
export class MeshIdentityMetrics {
  readonly #expiration: Gauge;
  readonly #refresh: Gauge;
  readonly #refreshes: Counter<'result'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#expiration = new Gauge({
      name: 'control_identity_cert_expiration_timestamp_seconds',
      help: 'When the own certificate expires, in seconds since the epoch',
      registers,
    });
    this.#refresh = new Gauge({
      name: 'control_identity_cert_refresh_timestamp_seconds',
      help: 'When the own certificate was last renewed, in seconds since the epoch',
      registers,
    });
    this.#refreshes = new Counter({
      name: 'control_identity_cert_refreshes_total',
      help: 'Renewals of the own certificate, by result',
      labelNames: ['result'],
      registers,
    });
  }

  certified(validUntilMs: number, nowMs: number): void {
    this.#expiration.set(validUntilMs / 1000);
    this.#refresh.set(nowMs / 1000);
    this.#refreshes.inc({ result: 'ok' });
  }

  failed(): void {
    this.#refreshes.inc({ result: 'error' });
  }
}
