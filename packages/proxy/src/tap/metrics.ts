import type { Registry } from '../metrics/registry.ts';
import type { Counter, Gauge } from '../metrics/series.ts';

/** What taps do and what they are refused. */
export class TapMetrics {
  /** Taps that are open. */
  readonly open: Gauge;
  readonly events: Counter;
  readonly droppedFor: {
    /** The client does not read fast enough. */
    readonly slowReader: Counter;
    /** More requests matched than are told of in a second. */
    readonly rate: Counter;
  };
  readonly refusedFor: {
    readonly client: Counter;
    readonly request: Counter;
    readonly capacity: Counter;
  };

  constructor(registry: Registry) {
    this.open = registry.gauge('registry', 'proxy_taps', 'Taps that are open.', { across: 'max' }).with('');
    this.events = registry
      .counter('registry', 'proxy_tap_events', 'Events sent to the clients of taps.')
      .with('');
    const dropped = registry.counter(
      'registry',
      'proxy_tap_dropped_events',
      'Events that the clients of taps were not told of.',
    );
    this.droppedFor = {
      slowReader: dropped.with('reason="slow_reader"'),
      rate: dropped.with('reason="rate"'),
    };
    const refused = registry.counter('registry', 'proxy_tap_refused', 'Taps that were refused.');
    this.refusedFor = {
      client: refused.with('reason="client"'),
      request: refused.with('reason="request"'),
      capacity: refused.with('reason="capacity"'),
    };
  }
}
