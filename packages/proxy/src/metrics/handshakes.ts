import { TlsError } from '../tls/tls-error.ts';
import { ConnectError } from '../transport/connect-error.ts';
import type { CounterFamily } from './family.ts';
import { renderLabels } from './labels.ts';
import type { Registry } from './registry.ts';

/** TLS handshakes that came to nothing, by why. */
export class HandshakeMetrics {
  readonly #family: CounterFamily;

  constructor(registry: Registry) {
    this.#family = registry.counter(
      'registry',
      'tls_handshake_failures',
      'TLS handshakes that came to nothing.',
    );
  }

  /** Does nothing for errors that are not about TLS. */
  count(direction: 'inbound' | 'outbound', error: unknown): void {
    const cause = error instanceof ConnectError ? error.cause : error;
    if (!(cause instanceof TlsError)) return;
    this.#family
      .with(
        renderLabels([
          ['direction', direction],
          ['reason', cause.code],
        ]),
      )
      .inc();
  }
}
