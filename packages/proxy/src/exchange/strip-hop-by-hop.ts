import { getHeader, removeHeader } from '../http/headers.ts';
import { stripHopByHop } from '../http/hop-by-hop.ts';
import type { Exchange } from './exchange.ts';
import type { Layer } from './layer.ts';

/** Fields about one connection stay on it, unless the exchange leaves HTTP. `Upgrade: h2c` is not followed. */
export const stripConnectionFields: Layer<Exchange> = {
  name: 'strip-hop-by-hop',
  onRequest({ request }) {
    if (request.wantsUpgrade && getHeader(request.headers, 'upgrade')?.toLowerCase() === 'h2c') {
      request.wantsUpgrade = false;
      removeHeader(request.headers, 'http2-settings');
    }
    if (!request.wantsUpgrade) stripHopByHop(request.headers);
  },
  onResponseHead(_x, head) {
    if (head.status !== 101) stripHopByHop(head.headers);
  },
};
