import { Counter, type Registry } from 'prom-client';
import type { RefusalReason } from './refusal.ts';

export class CertifyMetrics {
  readonly #issued: Counter;
  readonly #refused: Counter<'reason'>;
  readonly #fallbacks: Counter<'store'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#issued = new Counter({
      name: 'identity_certificates_issued_total',
      help: 'Certificates issued',
      registers,
    });
    this.#refused = new Counter({
      name: 'identity_certificates_refused_total',
      help: 'Requests that got no certificate, by reason',
      labelNames: ['reason'],
      registers,
    });
    this.#fallbacks = new Counter({
      name: 'identity_shared_store_fallbacks_total',
      help: 'Times the local ledger or limit answered in place of the shared one',
      labelNames: ['store'],
      registers,
    });
  }

  issued(): void {
    this.#issued.inc();
  }

  refused(reason: RefusalReason): void {
    this.#refused.inc({ reason });
  }

  fellBack(store: string): void {
    this.#fallbacks.inc({ store });
  }
}
