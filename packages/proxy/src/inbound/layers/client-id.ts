import type { Layer } from '../../exchange/layer.ts';
import { removeHeader } from '../../http/headers.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

/** The application learns who calls from `l5d-client-id`; nobody can forge it. */
export const setClientId: Layer<InboundExchange> = {
  name: 'client-id',
  onRequest({ request, connection }) {
    removeHeader(request.headers, 'l5d-client-id');
    const { tls } = connection.client;
    if (tls.kind === 'mutual' && tls.id !== null) request.headers.push('l5d-client-id', tls.id);
  },
};
