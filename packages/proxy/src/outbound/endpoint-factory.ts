import type { Endpoint, FailureAccrual, LoadParams } from '@weft/policy';
import type { Clock } from '../balance/balancer.ts';
import { Breaker } from '../balance/breaker/breaker.ts';
import type { BreakerState } from '../balance/breaker/breaker-state.ts';
import { PeakEwma } from '../balance/peak-ewma.ts';
import { PenalizedEwma } from '../balance/penalized-ewma.ts';
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

export interface EndpointFactoryDeps {
  readonly connector: EndpointConnector;
  readonly clients: HttpClients;
  readonly http: HttpMetrics;
  readonly transport: TransportMetrics;
  readonly cost: TransferCost;
  readonly clock: Clock;
  /** Hears when an endpoint that fails is taken out of use, tried, and taken into use again. */
  readonly onBreaker: (endpoint: Endpoint, state: BreakerState) => void;
}

/** How an endpoint is balanced over. */
export interface EndpointTerms {
  /** The service, null for a forward. */
  readonly authority: string | null;
  readonly load: LoadParams | null;
  /** When it is taken out of use; null: never. */
  readonly accrual: FailureAccrual | null;
}

/** Turns what discovery says of an endpoint into something that requests and connections can be sent to. */
export class EndpointFactory {
  readonly #deps: EndpointFactoryDeps;

  constructor(deps: EndpointFactoryDeps) {
    this.#deps = deps;
  }

  /**
   * `asked`: the version of the requests. `onChange`: called when the endpoint becomes ready or stops being
   * it.
   */
  http(
    endpoint: Endpoint,
    asked: 'http1' | 'http2',
    { accrual, authority, load }: EndpointTerms,
    onChange: () => void,
  ): HttpEndpoint<EndpointInfo> {
    const { clients, clock, connector, http, onBreaker } = this.#deps;
    const meshed = connector.isMeshed(endpoint);
    const labels = this.#labels(endpoint, authority);
    const isLocal = connector.isLocal(endpoint);
    const upgrades = asked === 'http1' && !isLocal && endpoint.protocolHint === 'h2';
    const observe = () => this.#observe(endpoint, labels.transport);
    const connect = (session: 'http/1' | 'http/2') => connector.connect(endpoint, session, observe);
    const http1 = () => clients.http1(connect('http/1'));
    const http2 = () => clients.http2(connect('http/2'), endpoint);
    const client = upgrades ? new VersionedClient(http1, http2()) : asked === 'http1' ? http1() : http2();
    const metrics = http.target(labels.http);
    const ewma = this.#load(load);
    const penalties = ewma instanceof PenalizedEwma ? ewma : null;
    const info = { endpoint, balanced: authority !== null, meshed, upgrades, metrics, penalties };
    const onState = (state: BreakerState): void => {
      onBreaker(endpoint, state);
      onChange();
    };
    const breaker = accrual === null ? null : new Breaker(accrual, clock, onState);
    return new HttpEndpoint(keyOf(endpoint), info, client, ewma, onChange, () => metrics.release(), breaker);
  }

  tcp(endpoint: Endpoint, load: LoadParams | null): TcpEndpoint {
    // Bytes ask for no authority, wherever they are balanced.
    const labels = this.#labels(endpoint, null).transport;
    const { clock, connector } = this.#deps;
    const connect = connector.connect(endpoint, null, () => this.#observe(endpoint, labels));
    return new TcpEndpoint(endpoint, connect, this.#load(load), () => clock.now());
  }

  #observe({ zoneLocality }: Endpoint, labels: string): TransportObserver {
    const { cost, transport } = this.#deps;
    return cost.count(zoneLocality, transport.open(labels));
  }

  #load(load: LoadParams | null): PeakEwma {
    const now = this.#deps.clock.now();
    if (load?.kind === 'penalty-peak-ewma') return new PenalizedEwma(load, now);
    return new PeakEwma(load?.defaultRttMs ?? 30, load?.decayMs ?? 10_000, now);
  }

  #labels(endpoint: Endpoint, authority: string | null): { http: string; transport: string } {
    const own = endpointLabels(endpoint, authority, this.#deps.connector.isLocal(endpoint));
    return {
      http: renderLabels([['direction', 'outbound'], ...own]),
      transport: renderLabels([['direction', 'outbound'], ['peer', 'dst'], ...own]),
    };
  }
}
