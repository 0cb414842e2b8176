import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

/** Chooses the backend, by the rule's distribution or the profile's split, and with it the balancer. */
export function distribute(random: () => number): Layer<OutboundExchange> {
  return {
    name: 'distribute',
    onRequest(x) {
      const { invalidPolicy, logical } = x;
      if (invalidPolicy !== null)
        return x.fail(new ProxyError('unexpected', 'unexpected error', { cause: new Error(invalidPolicy) }));
      const distribution = x.rule === null ? x.profile?.distribution : x.rule.distribution;
      const chosen = distribution === undefined ? null : logical.chooseHttp(distribution, x.asked, random);
      if (chosen === null) return x.fail(new ProxyError('load-shed', 'service unavailable'));
      const { meta, dispatcher } = chosen.backend;
      x.backendMeta = meta;
      x.backendFilters = chosen.filters;
      if (dispatcher.kind === 'fail') x.failMessage = dispatcher.message;
      else x.balancer = logical.httpBalancer(chosen.backend, x.asked);
      return undefined;
    },
  };
}

/** A backend that exists only to say why it cannot be reached; its filters may have answered before. */
export const failBackend: Layer<OutboundExchange> = {
  name: 'fail-backend',
  onRequest(x) {
    return x.failMessage === null ? undefined : x.fail(new ProxyError('dispatch-failed', x.failMessage));
  },
};
