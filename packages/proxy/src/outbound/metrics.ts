import { BalancerFamilies } from '../metrics/balancer.ts';
import { DetectMetrics } from '../metrics/detect.ts';
import type { CounterFamily, HistogramFamily } from '../metrics/family.ts';
import { joinLabels } from '../metrics/labels.ts';
import type { Registry } from '../metrics/registry.ts';
import type { Counter, Histogram } from '../metrics/series.ts';
import { ConnectionRouteFamilies, TransferCost } from './connection-metrics.ts';

const seconds = { unit: 'seconds' } as const;
const bytes = { unit: 'bytes' } as const;
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
    /** By error, then by status. */
    const made = new Map<string, Map<string, Counter>>();
    return (status, error) => {
      let counter = made.get(error)?.get(status);
      if (counter === undefined) {
        counter = family.with(joinLabels(labels, `${this.#statusLabel}="${status}",error="${error}"`));
        const ofError = made.get(error) ?? new Map<string, Counter>();
        made.set(error, ofError.set(status, counter));
      }
      return counter;
    };
  }
}
