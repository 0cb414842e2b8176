import type { BalancerMetrics } from '../balance/balancer.ts';
import type { CounterFamily, GaugeFamily, HistogramFamily } from './family.ts';
import { joinLabels } from './labels.ts';
import type { Registry } from './registry.ts';
import type { Counter } from './series.ts';

const seconds = { unit: 'seconds' } as const;
/** Every thread has balancers of its own, over the same endpoints. */
const ofEach = { across: 'max' } as const;

/** What discovery says of a balancer's endpoints: all of them, some more, or some less. */
export type BalancerUpdate = 'Reset' | 'Add' | 'Remove';

/** The series of one balancer. */
export interface BalancerSeries extends BalancerMetrics {
  endpoints(total: number, ready: number): void;
  updated(op: BalancerUpdate): void;
}

/** The families of one kind of balancer. */
export class BalancerFamilies {
  readonly #endpoints: GaugeFamily;
  readonly #p2cEndpoints: GaugeFamily;
  readonly #updates: CounterFamily;
  readonly #queueLength: GaugeFamily;
  readonly #queueRequests: CounterFamily;
  readonly #queueLatency: HistogramFamily;
  readonly #gate: GateFamilies;

  constructor(registry: Registry, prefix: string) {
    this.#endpoints = registry.gauge('registry', `${prefix}_endpoints`, 'Endpoints by state.', ofEach);
    this.#p2cEndpoints = registry.gauge('registry', `${prefix}_p2c_endpoints`, 'Endpoints known.', ofEach);
    this.#updates = registry.counter('registry', `${prefix}_p2c_updates`, 'Changes of the set of endpoints.');
    this.#queueLength = registry.gauge(
      'registry',
      `${prefix}_queue_length`,
      'Requests waiting for an endpoint.',
    );
    this.#queueRequests = registry.counter(
      'registry',
      `${prefix}_queue_requests`,
      'Requests that wanted an endpoint.',
    );
    this.#queueLatency = registry.histogram(
      'registry',
      `${prefix}_queue_latency`,
      'Time spent waiting.',
      [0.0005, 0.005, 0.05, 0.5, 1, 3],
      seconds,
    );
    this.#gate = new GateFamilies(registry, `${prefix}_queue_gate`);
  }

  /** The series of one balancer, whose requests fail after waiting for `failFastTimeoutMs`. */
  balancer(labels: string, failFastTimeoutMs: number): BalancerSeries {
    const ready = this.#endpoints.with(joinLabels('endpoint_state="ready"', labels));
    const pending = this.#endpoints.with(joinLabels('endpoint_state="pending"', labels));
    const p2c = this.#p2cEndpoints.with(labels);
    const length = this.#queueLength.with(labels);
    const requests = this.#queueRequests.with(labels);
    const latency = this.#queueLatency.with(labels);
    const update = (op: BalancerUpdate): Counter => this.#updates.with(joinLabels(`op="${op}"`, labels));
    const updates = { Reset: update('Reset'), Add: update('Add'), Remove: update('Remove') };
    // Balancers for the two versions of HTTP share their series: each adds what is its own.
    const last = { ready: 0, total: 0, waiting: 0 };
    return {
      onGate: this.#gate.gate(labels, failFastTimeoutMs),
      onQueue: (waiting) => {
        length.inc(waiting - last.waiting);
        last.waiting = waiting;
      },
      onRequest: () => requests.inc(),
      onTaken: (waitedMs) => latency.observe(waitedMs / 1000),
      updated: (op) => updates[op].inc(),
      endpoints: (total, readyCount) => {
        p2c.inc(total - last.total);
        ready.inc(readyCount - last.ready);
        pending.inc(total - readyCount - (last.total - last.ready));
        last.total = total;
        last.ready = readyCount;
      },
    };
  }
}

/** Whether balancers take requests, and since when (Unix seconds; 0 in the other state). */
class GateFamilies {
  readonly #open: CounterFamily;
  readonly #shut: CounterFamily;
  readonly #openTime: GaugeFamily;
  readonly #shutTime: GaugeFamily;
  readonly #timeout: GaugeFamily;

  constructor(registry: Registry, prefix: string) {
    this.#open = registry.counter('registry', `${prefix}_open`, 'Times requests began to be taken.');
    this.#openTime = registry.gauge('registry', `${prefix}_open_time`, 'When that was last.', {
      ...seconds,
      ...ofEach,
    });
    this.#shut = registry.counter('registry', `${prefix}_shut`, 'Times fail-fast began.');
    this.#shutTime = registry.gauge('registry', `${prefix}_shut_time`, 'When that was last.', {
      ...seconds,
      ...ofEach,
    });
    this.#timeout = registry.gauge(
      'registry',
      `${prefix}_timeout`,
      'Time without an endpoint after which fail-fast begins.',
      { ...seconds, ...ofEach },
    );
  }

  /** A gate, which is open to begin with. Returns what is to be told of its changes. */
  gate(labels: string, timeoutMs: number): (isOpen: boolean) => void {
    const open = this.#open.with(labels);
    const shut = this.#shut.with(labels);
    const openTime = this.#openTime.with(labels);
    const shutTime = this.#shutTime.with(labels);
    this.#timeout.with(labels).set(timeoutMs / 1000);
    const changed = (isOpen: boolean): void => {
      const at = Date.now() / 1000;
      (isOpen ? open : shut).inc();
      openTime.set(isOpen ? at : 0);
      shutTime.set(isOpen ? 0 : at);
    };
    changed(true);
    return changed;
  }
}
