import type { Endpoint, LoadParams } from '@weft/policy';
import type { Clock } from '../balance/balancer.ts';
import { PeakEwma } from '../balance/peak-ewma.ts';
import { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import { VersionedClient } from '../endpoint/versioned-client.ts';
import type { HttpClient } from '../http/stream.ts';
import type { HttpMetrics } from '../metrics/http.ts';
import { renderLabels } from '../metrics/labels.ts';
import type { TransportMetrics } from '../metrics/transport.ts';
import type { Connect } from '../transport/connection.ts';
import type { TransportObserver } from '../transport/transport-observer.ts';
import type { TransferCost } from './connection-metrics.ts';
import type { EndpointConnector } from './endpoint-connector.ts';
import type { EndpointInfo } from './endpoint-info.ts';
import { keyOf } from './endpoint-key.ts';
import { endpointLabels } from './labels.ts';
import { TcpEndpoint } from './tcp-endpoint.ts';

/** Makes the HTTP clients of one endpoint. */
export interface HttpClients {
  http1(connect: Connect): HttpClient;
  http2(connect: Connect, endpoint: Endpoint): HttpClient;
}

/** Turns what discovery says of an endpoint into something that requests and connections can be sent to. */
export class EndpointFactory {
  readonly #connector: EndpointConnector;
  readonly #clients: HttpClients;
  readonly #http: HttpMetrics;
  readonly #transport: TransportMetrics;
  readonly #cost: TransferCost;
  readonly #clock: Clock;

  constructor(
    connector: EndpointConnector,
    clients: HttpClients,
    http: HttpMetrics,
    transport: TransportMetrics,
    cost: TransferCost,
    clock: Clock,
  ) {
    this.#connector = connector;
    this.#clients = clients;
    this.#http = http;
    this.#transport = transport;
    this.#cost = cost;
    this.#clock = clock;
  }

  /**
   * `asked`: the version of the requests. `authority`: the service balanced over, null for a forward.
   * `onChange`: called when the endpoint becomes ready or stops being it.
   */
  http(
    endpoint: Endpoint,
    asked: 'http1' | 'http2',
    authority: string | null,
    load: LoadParams | null,
    onChange: () => void,
  ): HttpEndpoint<EndpointInfo> {
    const meshed = this.#connector.isMeshed(endpoint);
    const labels = this.#labels(endpoint, authority);
    const isLocal = this.#connector.isLocal(endpoint);
    const upgrades = asked === 'http1' && !isLocal && endpoint.protocolHint === 'h2';
    const observe = () => this.#observe(endpoint, labels.transport);
    const connect = (session: 'http/1' | 'http/2') => this.#connector.connect(endpoint, session, observe);
    const http1 = () => this.#clients.http1(connect('http/1'));
    const http2 = () => this.#clients.http2(connect('http/2'), endpoint);
    const client = upgrades ? new VersionedClient(http1, http2()) : asked === 'http1' ? http1() : http2();
    const metrics = this.#http.target(labels.http);
    const info = { endpoint, balanced: authority !== null, meshed, upgrades, metrics };
    return new HttpEndpoint(keyOf(endpoint), info, client, this.#load(load), onChange, () =>
      metrics.release(),
    );
  }

  tcp(endpoint: Endpoint, authority: string | null, load: LoadParams | null): TcpEndpoint {
    const labels = this.#labels(endpoint, authority).transport;
    const connect = this.#connector.connect(endpoint, null, () => this.#observe(endpoint, labels));
    return new TcpEndpoint(endpoint, connect, this.#load(load), () => this.#clock.now());
  }

  #observe({ zoneLocality }: Endpoint, labels: string): TransportObserver {
    return this.#cost.count(zoneLocality, this.#transport.open(labels));
  }

  #load(load: LoadParams | null): PeakEwma {
    return new PeakEwma(load?.defaultRttMs ?? 30, load?.decayMs ?? 10_000, this.#clock.now());
  }

  #labels(endpoint: Endpoint, authority: string | null): { http: string; transport: string } {
    const own = endpointLabels(endpoint, authority, this.#connector.isLocal(endpoint));
    return {
      http: renderLabels([['direction', 'outbound'], ...own]),
      transport: renderLabels([['direction', 'outbound'], ['peer', 'dst'], ...own]),
    };
  }
}
