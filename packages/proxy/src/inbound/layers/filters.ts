import { filterRequest } from '../../exchange/filters.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

/** The filters of the route, in their order. */
export function applyFilters(random: () => number): Layer<InboundExchange> {
  return {
    name: 'filters',
    onRequest: (x) => filterRequest(x, x.filters, x.matchedPathLength, random),
  };
}
