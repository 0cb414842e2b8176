import type { Through } from '../exchange/balanced-exchange.ts';
import type { HttpVersion, RequestHead } from '../http/message.ts';
import type { LabelPairs } from '../metrics/labels.ts';
import { type TapSubject, unprefixed } from '../tap/subject.ts';
import type { Taps } from '../tap/taps.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { EndpointInfo } from './endpoint-info.ts';
import { endpointTlsLabels, routeLabels } from './labels.ts';
import type { OutboundExchange } from './outbound-exchange.ts';

/** Shows requests to the taps, on their way to an endpoint; each attempt counts as one. */
export function tapOutbound(taps: Taps): Through<OutboundExchange> {
  return (x, client) =>
    taps.active && x.endpoint !== null ? taps.over(new OutboundSubject(x, x.endpoint.info), client) : client;
}

class OutboundSubject implements TapSubject {
  readonly direction = 'outbound';
  readonly #x: OutboundExchange;
  readonly #endpoint: EndpointInfo;

  constructor(x: OutboundExchange, endpoint: EndpointInfo) {
    this.#x = x;
    this.#endpoint = endpoint;
  }

  get source(): SocketAddress {
    return this.#x.connection.peer;
  }

  get destination(): SocketAddress {
    return this.#endpoint.endpoint;
  }

  get request(): RequestHead {
    return this.#x.request;
  }

  get version(): HttpVersion {
    return this.#x.asked;
  }

  sourceLabels(): LabelPairs {
    return [
      ['tls', 'no_identity'],
      ['no_tls_reason', 'loopback'],
    ];
  }

  destinationLabels(): LabelPairs {
    return unprefixed('dst_', this.#endpoint.endpoint.labels);
  }

  destinationTls(): LabelPairs {
    const { endpoint, meshed } = this.#endpoint;
    // Of this very pod when it could be meshed and is not.
    return endpointTlsLabels(endpoint, endpoint.tls !== null && !meshed);
  }

  routeLabels(): LabelPairs {
    const { profileRoute, routeMeta } = this.#x;
    if (profileRoute !== null) return unprefixed('rt_', profileRoute.labels);
    return routeMeta === null ? [] : routeLabels(routeMeta);
  }
}
