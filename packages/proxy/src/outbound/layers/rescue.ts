import { formatMeta } from '@weft/policy';
import { synthesize } from '../../errors/respond.ts';
import type { Layer } from '../../exchange/layer.ts';
import { formatAddress } from '../../transport/socket-address.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

/** Failures become answers that say what was tried. */
export const rescue: Layer<OutboundExchange> = {
  name: 'rescue',
  rescue(x, error) {
    const { endpoint } = x;
    if (endpoint !== null && error.code !== 'redirect')
      error.within(`endpoint ${formatAddress(endpoint.info.endpoint)}`);
    if (x.backendMeta !== null) error.within(`backend ${formatMeta(x.backendMeta)}`);
    if (x.routeMeta !== null) error.within(`route ${formatMeta(x.routeMeta)}`);
    if (x.target !== null) error.within(`logical service ${x.target.name}`);
    return synthesize(error, x.request, x.informational, x.upgraded);
  },
};
