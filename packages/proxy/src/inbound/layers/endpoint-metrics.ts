import type { Layer } from '../../exchange/layer.ts';
import { errorLabelOf } from '../../metrics/response-error.ts';
import { classifyOnRoute } from '../../profile/route-counts.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

const failure = { classification: 'failure', grpcStatus: '' } as const;

/** `request_total`, `response_total` and `response_latency_ms` of the local application. */
export function endpointMetrics(now: () => number): Layer<InboundExchange> {
  return {
    name: 'endpoint-metrics',
    onRequestBody(x) {
      x.series?.endpoint.request();
    },
    onResponseBody(x) {
      if (x.response !== null) x.series?.endpoint.latency(x.response.status, now() - x.dispatchedAt);
    },
    onEnd(x, trailers, error) {
      // It waited for the application in vain, and is none of its requests.
      if (error?.code === 'fail-fast' || error?.code === 'load-shed') return;
      const { response } = x;
      const status = response?.status ?? 0;
      if (error !== null) x.series?.endpoint.response(status, failure, errorLabelOf(error));
      else if (response !== null) {
        const classification = classifyOnRoute(x.profile?.route ?? null, x.request, response, trailers);
        x.series?.endpoint.response(status, classification, '');
      }
    },
  };
}
