import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

/** Chooses the backend, by the rule's distribution or the profile's split, and with it the balancer. */
export function distribute(random: () => number): Layer<OutboundExchange> {
  return {
    name: 'distribute',
    onRequest(x) {
      const { logical } = x.connection;
      const choice =
        x.rule === null
          ? logical.chooseTarget(x.asked, random)
          : logical.chooseBackend(x.rule.distribution, x.asked, random);
      switch (choice.kind) {
        case 'none':
          return x.fail(new ProxyError('load-shed', 'service unavailable'));
        case 'fail':
          x.backendMeta = choice.meta;
          x.backendFilters = choice.filters;
          x.failMessage = choice.message;
          return undefined;
        case 'backend':
          x.backendMeta = choice.meta;
          x.backendFilters = choice.filters;
          x.balancer = choice.balancer;
          return undefined;
      }
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
