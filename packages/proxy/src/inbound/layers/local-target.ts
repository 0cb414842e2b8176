import type { Layer } from '../../exchange/layer.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

/** The application that the client meant, in the version of the request. */
export const chooseLocalTarget: Layer<InboundExchange> = {
  name: 'local-target',
  onRequest(x) {
    x.balancer = x.connection.localTarget(x.request.version === '2' ? 'http2' : 'http1');
  },
};
