import type { Endpoint } from '@weft/policy';
import type { CounterFamily } from '../metrics/family.ts';
import { joinLabels } from '../metrics/labels.ts';
import type { Registry } from '../metrics/registry.ts';
import type { Counter } from '../metrics/series.ts';
import type { ObservedConnection, TransportObserver } from '../transport/transport-observer.ts';

/** How a routed connection ended; '' without an error. */
export type CloseError = '' | 'forbidden' | 'invalid_backend' | 'invalid_policy' | 'unexpected';

const closeErrors: readonly CloseError[] = [
  '',
  'forbidden',
  'invalid_backend',
  'invalid_policy',
  'unexpected',
];

/** Routes whose counters are remembered. */
const MAX_KNOWN = 1000;

/** Connections of one route that are not taken apart. */
export interface ConnectionCounts {
  readonly open: Counter;
  closed(error: CloseError): void;
}

/** `…_route_open_total` and `…_route_close_total` of opaque or of TLS routes. */
export class ConnectionRouteFamilies {
  readonly #open: CounterFamily;
  readonly #close: CounterFamily;
  readonly #known = new Map<string, ConnectionCounts>();

  constructor(registry: Registry, prefix: 'outbound_tcp_route' | 'outbound_tls_route') {
    this.#open = registry.counter('registry', `${prefix}_open`, 'Connections opened by a route.');
    this.#close = registry.counter('registry', `${prefix}_close`, 'Connections of a route that ended.');
  }

  /** Every way to end exists as soon as the route is used. */
  route(labels: string): ConnectionCounts {
    let counts = this.#known.get(labels);
    if (counts === undefined) {
      const close = new Map(
        closeErrors.map((error) => [error, this.#close.with(joinLabels(labels, `error="${error}"`))]),
      );
      counts = { open: this.#open.with(labels), closed: (error) => close.get(error)?.inc() };
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(labels, counts);
    }
    return counts;
  }
}

const localities = { unknown: 'Unknown', local: 'Local', remote: 'Remote' } as const;

/** Bytes to and from endpoints, by whether they leave the zone: what cloud providers charge for. */
export class TransferCost {
  readonly #family: CounterFamily;

  constructor(registry: Registry) {
    this.#family = registry.counter(
      'registry',
      'outbound_tcp_transfer_cost',
      'Bytes exchanged with endpoints, by zone locality.',
      { unit: 'bytes' },
    );
  }

  /** Counts what another observer counts, as traffic of that locality. */
  count(locality: Endpoint['zoneLocality'], transport: TransportObserver): TransportObserver {
    const labels = (op: string) => `op="${op}",zone_locality="${localities[locality]}"`;
    return new CostedTransport(
      transport,
      this.#family.with(labels('Send')),
      this.#family.with(labels('Recv')),
    );
  }
}

class CostedTransport implements TransportObserver {
  readonly #transport: TransportObserver;
  readonly #sent: Counter;
  readonly #received: Counter;

  constructor(transport: TransportObserver, sent: Counter, received: Counter) {
    this.#transport = transport;
    this.#sent = sent;
    this.#received = received;
  }

  onOpen(connection: ObservedConnection): void {
    this.#transport.onOpen?.(connection);
  }

  onRead(bytes: number): void {
    this.#received.inc(bytes);
    this.#transport.onRead(bytes);
  }

  onWrite(bytes: number): void {
    this.#sent.inc(bytes);
    this.#transport.onWrite(bytes);
  }

  onClose(errno: string | null): void {
    this.#transport.onClose(errno);
  }
}
