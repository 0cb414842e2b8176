import type { BalancerMetrics } from '../balance/balancer.ts';
import { DetectMetrics } from '../metrics/detect.ts';
import type { CounterFamily, GaugeFamily, HistogramFamily } from '../metrics/family.ts';
import { joinLabels } from '../metrics/labels.ts';
import type { Registry } from '../metrics/registry.ts';
import type { Counter, Histogram } from '../metrics/series.ts';
import { ConnectionRouteFamilies, TransferCost } from './connection-metrics.ts';

const seconds = { unit: 'seconds' } as const;
const bytes = { unit: 'bytes' } as const;
/** Every thread has balancers of its own, over the same endpoints. */
const ofEach = { across: 'max' } as const;
const frameBuckets = [128, 1024, 10_240];

/** What the outbound side counts. Names and labels are Linkerd's. */
export class OutboundMetrics {
  readonly httpErrors: CounterFamily;
  readonly tcpErrors: CounterFamily;
  readonly protocols: CounterFamily;
  readonly detect: DetectMetrics;
  readonly tcpRoute: ConnectionRouteFamilies;
  readonly tlsRoute: ConnectionRouteFamilies;
  readonly transferCost: TransferCost;
  readonly http: OutboundRouteFamilies;
  readonly grpc: OutboundRouteFamilies;
  readonly httpBalancer: BalancerFamilies;
  readonly tcpBalancer: BalancerFamilies;
  readonly tlsBalancer: BalancerFamilies;

  constructor(registry: Registry) {
    this.httpErrors = registry.counter(
      'legacy',
      'outbound_http_errors_total',
      'Outbound HTTP requests that failed in the proxy.',
    );
    this.tcpErrors = registry.counter(
      'legacy',
      'outbound_tcp_errors_total',
      'Outbound connections that failed in the proxy.',
    );
    this.http = new OutboundRouteFamilies(registry, 'outbound_http_route', 'http_status');
    this.grpc = new OutboundRouteFamilies(registry, 'outbound_grpc_route', 'grpc_status');
    this.httpBalancer = new BalancerFamilies(registry, 'outbound_http_balancer');
    this.tcpBalancer = new BalancerFamilies(registry, 'outbound_tcp_balancer');
    this.tlsBalancer = new BalancerFamilies(registry, 'outbound_tls_balancer');
    this.protocols = registry.counter(
      'registry',
      'outbound_tcp_protocol_connections',
      'Connections by protocol.',
    );
    this.detect = new DetectMetrics(registry, 'outbound');
    this.tcpRoute = new ConnectionRouteFamilies(registry, 'outbound_tcp_route');
    this.tlsRoute = new ConnectionRouteFamilies(registry, 'outbound_tls_route');
    this.transferCost = new TransferCost(registry);
  }
}

export interface OutboundRouteCounts {
  readonly requestDuration: Histogram;
  readonly requestFrames: Histogram;
  status(status: string, error: string): Counter;
}

/** What became of the requests of a route that were to be sent again. */
export interface RetrySeries {
  /** Sent again. */
  readonly requests: Counter;
  /** Sent again, and answered well. */
  readonly successes: Counter;
  /** Not sent again: often enough. */
  readonly limitExceeded: Counter;
  /** Not sent again: there is nothing to send them to. */
  readonly overflow: Counter;
}

export interface OutboundBackendCounts {
  readonly requests: Counter;
  readonly responseDuration: Histogram;
  readonly responseFrames: Histogram;
  status(status: string, error: string): Counter;
}

/** The families of one route kind and of its backends. */
export class OutboundRouteFamilies {
  readonly #statusLabel: string;
  readonly #requestDuration: HistogramFamily;
  readonly #requestStatuses: CounterFamily;
  readonly #requestFrames: HistogramFamily;
  readonly #retry: Record<keyof RetrySeries, CounterFamily>;
  readonly #backendRequests: CounterFamily;
  readonly #backendDuration: HistogramFamily;
  readonly #backendStatuses: CounterFamily;
  readonly #backendFrames: HistogramFamily;

  constructor(registry: Registry, prefix: string, statusLabel: string) {
    this.#statusLabel = statusLabel;
    this.#requestDuration = registry.histogram(
      'registry',
      `${prefix}_request_duration`,
      'Time until the response was complete.',
      [0.05, 0.5, 1, 10],
      seconds,
    );
    this.#requestStatuses = registry.counter(
      'registry',
      `${prefix}_request_statuses`,
      'Responses by status.',
    );
    this.#requestFrames = registry.histogram(
      'registry',
      `${prefix}_request_frame_size`,
      'Frames of request bodies.',
      frameBuckets,
      bytes,
    );
    const retry = (name: string, help: string) =>
      registry.counter('registry', `${prefix}_retry_${name}`, help);
    this.#retry = {
      limitExceeded: retry('limit_exceeded', 'Requests not sent again: they had been often enough.'),
      overflow: retry('overflow', 'Requests not sent again: no backend was available.'),
      requests: retry('requests', 'Requests sent again.'),
      successes: retry('successes', 'Requests sent again and answered well.'),
    };
    this.#backendRequests = registry.counter(
      'registry',
      `${prefix}_backend_requests`,
      'Requests to a backend.',
    );
    this.#backendDuration = registry.histogram(
      'registry',
      `${prefix}_backend_response_duration`,
      "Time until the backend's response was complete.",
      [0.025, 0.05, 0.1, 0.25, 0.5, 1, 10],
      seconds,
    );
    this.#backendStatuses = registry.counter(
      'registry',
      `${prefix}_backend_response_statuses`,
      'Responses of a backend by status.',
    );
    this.#backendFrames = registry.histogram(
      'registry',
      `${prefix}_backend_response_frame_size`,
      'Frames of response bodies.',
      frameBuckets,
      bytes,
    );
  }

  /** `labels`: parent, route and hostname. */
  route(labels: string): OutboundRouteCounts {
    return {
      requestDuration: this.#requestDuration.with(labels),
      requestFrames: this.#requestFrames.with(labels),
      status: this.#byStatus(this.#requestStatuses, labels),
    };
  }

  /** `labels`: parent, route and hostname. */
  retry(labels: string): RetrySeries {
    const { limitExceeded, overflow, requests, successes } = this.#retry;
    return {
      limitExceeded: limitExceeded.with(labels),
      overflow: overflow.with(labels),
      requests: requests.with(labels),
      successes: successes.with(labels),
    };
  }

  /** `labels`: parent, route and backend. */
  backend(labels: string): OutboundBackendCounts {
    return {
      requests: this.#backendRequests.with(labels),
      responseDuration: this.#backendDuration.with(labels),
      responseFrames: this.#backendFrames.with(labels),
      status: this.#byStatus(this.#backendStatuses, labels),
    };
  }

  #byStatus(family: CounterFamily, labels: string): (status: string, error: string) => Counter {
    const made = new Map<string, Counter>();
    return (status, error) => {
      const key = `${status}/${error}`;
      let counter = made.get(key);
      if (counter === undefined) {
        counter = family.with(joinLabels(labels, `${this.#statusLabel}="${status}",error="${error}"`));
        made.set(key, counter);
      }
      return counter;
    };
  }
}

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
