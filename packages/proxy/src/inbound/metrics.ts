import { DetectMetrics } from '../metrics/detect.ts';
import type { CounterFamily, HistogramFamily } from '../metrics/family.ts';
import { joinLabels } from '../metrics/labels.ts';
import type { Registry } from '../metrics/registry.ts';
import type { Counter, Histogram } from '../metrics/series.ts';

const frameBuckets = [128, 1024, 10_240];

/** What the inbound side counts. Names and labels are Linkerd's. */
export class InboundMetrics {
  readonly httpAllow: CounterFamily;
  readonly httpDeny: CounterFamily;
  readonly routeNotFound: CounterFamily;
  readonly rateLimited: CounterFamily;
  readonly tcpAllow: CounterFamily;
  readonly tcpDeny: CounterFamily;
  readonly tcpTerminate: CounterFamily;
  readonly httpErrors: CounterFamily;
  readonly tcpErrors: CounterFamily;
  readonly transportHeader: CounterFamily;
  readonly detect: DetectMetrics;
  readonly http: RouteFamilies;
  readonly grpc: RouteFamilies;

  constructor(registry: Registry) {
    const counter = (name: string, help: string) => registry.counter('legacy', `inbound_${name}`, help);
    this.httpAllow = counter('http_authz_allow_total', 'Inbound HTTP requests that were authorized.');
    this.httpDeny = counter('http_authz_deny_total', 'Inbound HTTP requests that no authorization covers.');
    this.routeNotFound = counter(
      'http_route_not_found_total',
      'Inbound HTTP requests that no route matches.',
    );
    this.rateLimited = counter(
      'http_local_ratelimit_total',
      'Inbound HTTP requests refused by a rate limit.',
    );
    this.tcpAllow = counter('tcp_authz_allow_total', 'Inbound connections that were authorized.');
    this.tcpDeny = counter('tcp_authz_deny_total', 'Inbound connections that no authorization covers.');
    this.tcpTerminate = counter('tcp_authz_terminate_total', 'Open connections cut by a changed policy.');
    this.httpErrors = counter('http_errors_total', 'Inbound HTTP requests that failed in the proxy.');
    this.tcpErrors = counter('tcp_errors_total', 'Inbound connections that failed in the proxy.');
    this.transportHeader = registry.counter(
      'registry',
      'inbound_tcp_transport_header_connections',
      'Direct connections with a transport header.',
    );
    this.detect = new DetectMetrics(registry, 'inbound');
    this.http = new RouteFamilies(registry, 'inbound_http');
    this.grpc = new RouteFamilies(registry, 'inbound_grpc');
  }
}

/** The families of one route kind. */
export class RouteFamilies {
  readonly #requests: CounterFamily;
  readonly #requestDuration: HistogramFamily;
  readonly #responseDuration: HistogramFamily;
  readonly #requestFrames: HistogramFamily;
  readonly #responseFrames: HistogramFamily;
  readonly #statuses: CounterFamily;

  constructor(registry: Registry, prefix: string) {
    const seconds = { unit: 'seconds' } as const;
    const bytes = { unit: 'bytes' } as const;
    this.#requests = registry.counter('registry', `${prefix}_requests`, 'Requests dispatched.');
    this.#requestDuration = registry.histogram(
      'registry',
      `${prefix}_request_duration`,
      'Time until the request was complete.',
      [0.025, 0.05, 0.1, 0.25, 0.5, 1, 10],
      seconds,
    );
    this.#responseDuration = registry.histogram(
      'registry',
      `${prefix}_response_duration`,
      'Time until the response was complete.',
      [0.05, 0.5, 1, 10],
      seconds,
    );
    this.#requestFrames = registry.histogram(
      'registry',
      `${prefix}_request_frame_size`,
      'Frames of request bodies.',
      frameBuckets,
      bytes,
    );
    this.#responseFrames = registry.histogram(
      'registry',
      `${prefix}_response_frame_size`,
      'Frames of response bodies.',
      frameBuckets,
      bytes,
    );
    this.#statuses = registry.counter('registry', `${prefix}_statuses`, 'Responses by status.');
  }

  route(labels: string): RouteCounts {
    return {
      requests: this.#requests.with(labels),
      requestDuration: this.#requestDuration.with(labels),
      responseDuration: this.#responseDuration.with(labels),
      requestFrames: this.#requestFrames.with(labels),
      responseFrames: this.#responseFrames.with(labels),
      status: memoize((status) => this.#statuses.with(joinLabels(labels, `status="${status}"`))),
    };
  }
}

export interface RouteCounts {
  readonly requests: Counter;
  readonly requestDuration: Histogram;
  readonly responseDuration: Histogram;
  readonly requestFrames: Histogram;
  readonly responseFrames: Histogram;
  readonly status: (status: string) => Counter;
}

function memoize<V>(make: (key: string) => V): (key: string) => V {
  const made = new Map<string, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}
