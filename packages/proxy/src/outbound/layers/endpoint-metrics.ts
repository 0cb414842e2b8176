import type { Layer } from '../../exchange/layer.ts';
import { errorLabelOf } from '../../metrics/response-error.ts';
import { classifyOnRoute } from '../../profile/route-counts.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

const failure = { classification: 'failure', grpcStatus: '' } as const;

/** `request_total`, `response_total` and `response_latency_ms` of the chosen endpoint. */
export function endpointMetrics(now: () => number): Layer<OutboundExchange> {
  return {
    name: 'endpoint-metrics',
    onRequestBody(x) {
      x.endpoint?.info.metrics.request();
    },
    onResponseBody(x) {
      if (x.response !== null) x.endpoint?.info.metrics.latency(x.response.status, now() - x.dispatchedAt);
    },
    onEnd(x, trailers, error) {
      const metrics = x.endpoint?.info.metrics;
      const { response } = x;
      if (error !== null) metrics?.response(response?.status ?? 0, failure, errorLabelOf(error));
      else if (response !== null) {
        const classification = classifyOnRoute(x.profileRoute, x.request, response, trailers);
        metrics?.response(response.status, classification, '');
      }
    },
  };
}
