import type { OpenConnections } from '../transport/open-connections.ts';
import type { ObservedConnection, TransportObserver } from '../transport/transport-observer.ts';
import type { CounterFamily, GaugeFamily } from './family.ts';
import { joinLabels } from './labels.ts';
import type { Registry } from './registry.ts';
import type { Counter, Gauge } from './series.ts';

/** Connections and their bytes, by transport labels. */
export class TransportMetrics {
  readonly #opened: CounterFamily;
  readonly #open: GaugeFamily;
  readonly #read: CounterFamily;
  readonly #written: CounterFamily;
  readonly #closed: CounterFamily;
  readonly #connections: OpenConnections | null;

  /** `connections`: where those that are counted are listed, too. */
  constructor(registry: Registry, connections: OpenConnections | null = null) {
    this.#connections = connections;
    const evicted = { evicted: true };
    this.#opened = registry.counter(
      'legacy',
      'tcp_open_total',
      'Total count of opened connections.',
      evicted,
    );
    this.#open = registry.gauge(
      'legacy',
      'tcp_open_connections',
      'Number of currently-open connections.',
      evicted,
    );
    this.#read = registry.counter(
      'legacy',
      'tcp_read_bytes_total',
      'Total count of bytes read from peers.',
      evicted,
    );
    this.#written = registry.counter(
      'legacy',
      'tcp_write_bytes_total',
      'Total count of bytes written to peers.',
      evicted,
    );
    this.#closed = registry.counter(
      'legacy',
      'tcp_close_total',
      'Total count of closed connections.',
      evicted,
    );
  }

  /** One more open connection. */
  open(labels: string): TransportCounts {
    return new TransportCounts(
      this.#opened.with(labels),
      this.#open.with(labels),
      this.#read.with(labels),
      this.#written.with(labels),
      (errno) => this.#closed.with(joinLabels(labels, `errno="${errno}"`)),
      (connection) => this.#connections?.add(connection, labels),
    );
  }
}

/** The counters of one connection. */
export class TransportCounts implements TransportObserver {
  readonly #opened: Counter;
  readonly #open: Gauge;
  readonly #read: Counter;
  readonly #written: Counter;
  readonly #closed: (errno: string) => Counter;
  readonly #list: (connection: ObservedConnection) => (() => void) | undefined;
  #unlist: (() => void) | undefined;
  #done = false;

  constructor(
    opened: Counter,
    open: Gauge,
    read: Counter,
    written: Counter,
    closed: (errno: string) => Counter,
    list: (connection: ObservedConnection) => (() => void) | undefined,
  ) {
    opened.inc();
    open.inc();
    for (const series of [opened, open, read, written]) series.users++;
    this.#opened = opened;
    this.#open = open;
    this.#read = read;
    this.#written = written;
    this.#closed = closed;
    this.#list = list;
  }

  onOpen(connection: ObservedConnection): void {
    if (!this.#done) this.#unlist = this.#list(connection);
  }

  onRead(bytes: number): void {
    this.#read.inc(bytes);
  }

  onWrite(bytes: number): void {
    this.#written.inc(bytes);
  }

  onClose(errno: string | null): void {
    if (this.#done) return;
    this.#done = true;
    this.#unlist?.();
    this.#open.dec();
    this.#closed(errno ?? '').inc();
    for (const series of [this.#opened, this.#open, this.#read, this.#written]) series.users--;
  }
}
