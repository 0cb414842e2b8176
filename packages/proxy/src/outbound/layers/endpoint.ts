import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import { removeHeader } from '../../http/headers.ts';
import { downgradeResponse, upgradeRequest } from '../../http/orig-proto.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

/** Refuses an endpoint that is not who the application insists on. */
export const requireIdentity: Layer<OutboundExchange> = {
  name: 'require-identity',
  onRequest(x) {
    if (x.requiredId === null) return undefined;
    const info = x.endpoint?.info;
    const found = info?.meshed ? info.endpoint.tls?.serverId.name : undefined;
    if (found === x.requiredId) return undefined;
    return x.fail(
      new ProxyError('identity-required', `required id ${x.requiredId}; found ${found ?? 'none'}`),
    );
  },
};

/** Gateways are addressed by the name of what lies behind them. */
export const overrideAuthority: Layer<OutboundExchange> = {
  name: 'override-authority',
  onRequest({ request, endpoint }) {
    const info = endpoint?.info;
    if (!info?.endpoint.authorityOverride || !info.meshed) return;
    request.authority = info.endpoint.authorityOverride;
    removeHeader(request.headers, 'host');
    removeHeader(request.headers, 'l5d-dst-canonical');
    if (request.version !== '2' && !info.upgrades) request.headers.unshift('host', request.authority);
  },
};

/** HTTP/1 travels as HTTP/2 to endpoints that can take it; what wants to leave HTTP does not. */
export const upgradeOrigProto: Layer<OutboundExchange> = {
  name: 'orig-proto',
  onRequest(x) {
    if (!x.endpoint?.info.upgrades || x.request.wantsUpgrade || x.request.version === '2') return;
    upgradeRequest(x.request);
    x.upgraded = true;
  },
  onResponseHead(x, head) {
    if (x.upgraded) downgradeResponse(head, x.asked);
  },
};
