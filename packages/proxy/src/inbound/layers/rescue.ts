import { ProxyError, type ProxyErrorCode } from '../../errors/proxy-error.ts';
import { isOfConnection, synthesize } from '../../errors/respond.ts';
import type { Layer } from '../../exchange/layer.ts';
import { formatAddress } from '../../transport/socket-address.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

/** What a policy refuses is told with who asked for what. */
const ofPolicy = new Set<ProxyErrorCode>(['unauthorized', 'no-route', 'rate-limited', 'invalid-policy']);

/**
 * Failures become answers. What a filter injects on purpose is, inbound, an unexpected error like any other:
 * peers know it as that.
 */
export const rescue: Layer<InboundExchange> = {
  name: 'rescue',
  rescue(x, error) {
    const shown =
      error.code === 'injected' || error.code === 'injected-grpc'
        ? new ProxyError('unexpected', 'unexpected error', { cause: error })
        : error;
    if (ofPolicy.has(shown.code)) {
      const { peer, target } = x.connection;
      shown.within(`server: ${formatAddress(target)}`).within(`client ${formatAddress(peer)}`);
    }
    return synthesize(shown, x.request, x.informational, x.upgraded);
  },
};

/** An application that cannot be spoken to has answered 502 or 504: that is what its metrics show. */
export const rescueApplication: Layer<InboundExchange> = {
  name: 'rescue-application',
  rescue: (x, error) =>
    isOfConnection(error) ? synthesize(error, x.request, x.informational, x.upgraded) : null,
};
