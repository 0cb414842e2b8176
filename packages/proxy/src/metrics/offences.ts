import type { CounterFamily } from './family.ts';
import { renderLabels } from './labels.ts';
import type { Registry } from './registry.ts';

/** What peers did that the protocol forbids or that a limit stopped. */
export class OffenceMetrics {
  readonly #family: CounterFamily;

  constructor(registry: Registry) {
    this.#family = registry.counter(
      'registry',
      'proxy_peer_offences',
      'Protocol violations and exceeded limits of peers.',
    );
  }

  /** `direction`: the side of the proxy that noticed; `peer`: who it was, the client or the endpoint. */
  count(
    direction: 'inbound' | 'outbound' | 'admin' | 'tap',
    protocol: 'http/1' | 'http/2',
    offence: string,
    peer: 'src' | 'dst' = 'src',
  ): void {
    this.#family
      .with(
        renderLabels([
          ['direction', direction],
          ['peer', peer],
          ['protocol', protocol],
          ['offence', offence],
        ]),
      )
      .inc();
  }
}
