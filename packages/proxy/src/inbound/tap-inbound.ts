import type { Through } from '../exchange/balanced-exchange.ts';
import type { HttpVersion, RequestHead } from '../http/message.ts';
import type { LabelPairs } from '../metrics/labels.ts';
import { type TapSubject, unprefixed } from '../tap/subject.ts';
import type { Taps } from '../tap/taps.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { InboundExchange } from './inbound-exchange.ts';
import { authorizationLabels, routeLabels, serverLabels, tlsLabels } from './labels.ts';

/** Shows requests to the taps, on their way to the application. */
export function tapInbound(taps: Taps): Through<InboundExchange> {
  return (x, client) => (taps.active ? taps.over(new InboundSubject(x), client) : client);
}

class InboundSubject implements TapSubject {
  readonly direction = 'inbound';
  readonly #x: InboundExchange;

  constructor(x: InboundExchange) {
    this.#x = x;
  }

  get source(): SocketAddress {
    return this.#x.connection.peer;
  }

  get destination(): SocketAddress {
    return this.#x.connection.target;
  }

  get request(): RequestHead {
    return this.#x.request;
  }

  get version(): HttpVersion {
    return this.#x.request.version;
  }

  sourceLabels(): LabelPairs {
    return tlsLabels(this.#x.connection.client.tls);
  }

  destinationLabels(): LabelPairs {
    const { connection, policy, route, authorization } = this.#x;
    return [
      ...serverLabels(policy.meta, connection.target.port),
      ...(route === null ? [] : routeLabels(route.meta)),
      ...(authorization === null ? [] : authorizationLabels(authorization)),
    ];
  }

  destinationTls(): LabelPairs {
    return [
      ['tls', 'no_identity'],
      ['no_tls_reason', 'loopback'],
    ];
  }

  routeLabels(): LabelPairs {
    return unprefixed('rt_', this.#x.profile?.route.labels ?? []);
  }
}
