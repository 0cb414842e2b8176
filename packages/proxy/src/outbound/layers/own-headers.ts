import type { Layer } from '../../exchange/layer.ts';
import { getHeader, removeHeader } from '../../http/headers.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

/**
 * Fields between proxies stay between proxies: `l5d-require-id` is for this one, and what the peer's proxy
 * says about itself is not for the application.
 */
export const consumeOwnHeaders: Layer<OutboundExchange> = {
  name: 'own-headers',
  onRequest(x) {
    const { headers } = x.request;
    const required = getHeader(headers, 'l5d-require-id');
    if (required === undefined) return;
    x.requiredId = required;
    removeHeader(headers, 'l5d-require-id');
  },
  onResponseHead(x, head) {
    removeHeader(head.headers, 'l5d-proxy-error');
    const connection = getHeader(head.headers, 'l5d-proxy-connection');
    if (connection === undefined) return;
    removeHeader(head.headers, 'l5d-proxy-connection');
    const info = x.endpoint?.info;
    if (connection === 'close' && info?.meshed && !info.balanced) x.closeAfter();
  },
};
