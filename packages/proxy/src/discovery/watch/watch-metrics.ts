import type { GrpcStatus } from '../../grpc/status.ts';
import { grpcCodeName } from '../../http/grpc-code.ts';
import type { CounterFamily } from '../../metrics/family.ts';
import { renderLabels } from '../../metrics/labels.ts';
import type { Registry } from '../../metrics/registry.ts';
import type { Gauge } from '../../metrics/series.ts';

export type WatchKind = 'profile' | 'endpoints' | 'outbound_policy' | 'inbound_policy' | 'identity';

const kinds: readonly WatchKind[] = ['profile', 'endpoints', 'outbound_policy', 'inbound_policy', 'identity'];

/** One watch, as its metrics see it. */
export interface WatchState {
  readonly kind: WatchKind;
  /** What is watched. */
  readonly name: string;
  /** Monotonic milliseconds, as are all times here. */
  readonly openedAtMs: number;
  /** When the last message came; null before the first. */
  heardAtMs: number | null;
  messages: number;
  /** How the last stream ended. */
  lastEnd: GrpcStatus | null;
  /** When the control plane was lost; null while a stream is open or the first is being opened. */
  lostAtMs: number | null;
}

/** How well the proxy is informed. */
export class WatchMetrics {
  readonly #ends: CounterFamily;
  readonly #watches = new Set<WatchState>();
  readonly #refused: CounterFamily;
  readonly #now: () => number;

  /** `now`: monotonic milliseconds. */
  constructor(registry: Registry, now: () => number) {
    this.#now = now;
    this.#ends = registry.counter(
      'registry',
      'control_watch_stream_ends',
      'Streams from the control plane that ended, by gRPC status.',
    );
    this.#refused = registry.counter(
      'registry',
      'control_watch_refused',
      'Things not watched because as many as allowed are watched already.',
    );
    const active = registry.gauge('registry', 'control_watches', 'What is being watched.');
    const stale = registry.gauge(
      'registry',
      'control_watch_stale',
      'How long the longest stale state has had no stream to keep it up to date.',
      { unit: 'seconds' },
    );
    const gauges = kinds.map((kind): [WatchKind, Gauge, Gauge] => {
      const labels = renderLabels([['kind', kind]]);
      return [kind, active.with(labels), stale.with(labels)];
    });
    registry.collect(() => {
      for (const [kind, count, age] of gauges) {
        const watches = [...this.#watches].filter((watch) => watch.kind === kind);
        const lost = watches.map(({ lostAtMs }) => (lostAtMs === null ? 0 : now() - lostAtMs));
        count.set(watches.length);
        age.set(lost.reduce((oldest, ms) => Math.max(oldest, ms), 0) / 1000);
      }
    });
  }

  /** Registers a watch until `drop`. */
  add(kind: WatchKind, name: string): WatchState {
    const state: WatchState = {
      ...{ kind, name, openedAtMs: this.#now() },
      ...{ heardAtMs: null, messages: 0, lastEnd: null, lostAtMs: null },
    };
    this.#watches.add(state);
    return state;
  }

  /** Everything that is being watched. */
  get watches(): Iterable<WatchState> {
    return this.#watches.values();
  }

  drop(state: WatchState): void {
    this.#watches.delete(state);
  }

  onEnd(kind: WatchKind, code: number): void {
    this.#ends
      .with(
        renderLabels([
          ['kind', kind],
          ['grpc_status', grpcCodeName(code)],
        ]),
      )
      .inc();
  }

  onRefused(kind: WatchKind): void {
    this.#refused.with(renderLabels([['kind', kind]])).inc();
  }
}
