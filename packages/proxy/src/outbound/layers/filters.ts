import { filterRequest, filterResponse } from '../../exchange/filters.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

/** The filters of the route's rule. */
export function routeFilters(random: () => number): Layer<OutboundExchange> {
  return {
    name: 'route-filters',
    onRequest: (x) =>
      x.rule === null ? undefined : filterRequest(x, x.rule.filters, x.matchedPathLength, random),
    onResponseHead(x, head) {
      if (x.rule !== null) filterResponse(head, x.rule.filters);
    },
  };
}

/** The filters of the chosen backend, after those of the rule. */
export function backendFilters(random: () => number): Layer<OutboundExchange> {
  return {
    name: 'backend-filters',
    onRequest: (x) => filterRequest(x, x.backendFilters, x.matchedPathLength, random),
    onResponseHead: (x, head) => filterResponse(head, x.backendFilters),
  };
}
