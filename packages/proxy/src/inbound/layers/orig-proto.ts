import type { Layer } from '../../exchange/layer.ts';
import { downgradeRequest, upgradeResponse } from '../../http/orig-proto.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

/** HTTP/1 that another proxy carried over HTTP/2 becomes HTTP/1 again for the application. */
export const restoreOrigProto: Layer<InboundExchange> = {
  name: 'orig-proto',
  onRequest(x) {
    x.upgraded = x.request.version === '2' && downgradeRequest(x.request);
  },
  onResponseHead(x, head) {
    if (x.upgraded) upgradeResponse(head);
  },
};
