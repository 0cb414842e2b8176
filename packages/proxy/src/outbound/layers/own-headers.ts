import type { Layer } from '../../exchange/layer.ts';
import { getHeader, removeHeader } from '../../http/headers.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

/** `l5d-require-id` is for this proxy, and goes no further. */
export const takeRequiredId: Layer<OutboundExchange> = {
  name: 'required-id',
  onRequest(x) {
    const { headers } = x.request;
    const required = getHeader(headers, 'l5d-require-id');
    if (required === undefined) return;
    x.requiredId = required;
    removeHeader(headers, 'l5d-require-id');
  },
};

/** What the peer's proxy says about itself is for this one, not for the application. */
export const takePeerFields: Layer<OutboundExchange> = {
  name: 'peer-fields',
  onResponseHead(x, head) {
    removeHeader(head.headers, 'l5d-proxy-error');
    const connection = getHeader(head.headers, 'l5d-proxy-connection');
    if (connection === undefined) return;
    removeHeader(head.headers, 'l5d-proxy-connection');
    const info = x.endpoint?.info;
    if (connection === 'close' && info?.meshed && !info.balanced) x.closeAfter();
  },
};
