import type { Layer } from '../../exchange/layer.ts';
import { grpcStatusOf } from '../../http/classify.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

/** `inbound_http_*` and `inbound_grpc_*`, by server and route. Durations are in seconds. */
export function routeMetrics(now: () => number): Layer<InboundExchange> {
  const elapsed = (x: InboundExchange): number => (now() - x.startedAt) / 1000;
  return {
    name: 'route-metrics',
    onRequest(x) {
      x.series?.counts.requests.inc();
    },
    onRequestFrame(x, bytes) {
      x.series?.counts.requestFrames.observe(bytes);
    },
    onRequestEnd(x) {
      x.series?.counts.requestDuration.observe(elapsed(x));
    },
    onResponseFrame(x, bytes) {
      x.series?.counts.responseFrames.observe(bytes);
    },
    onEnd(x, trailers) {
      const counts = x.series?.counts;
      if (counts === undefined) return;
      counts.responseDuration.observe(elapsed(x));
      const { response } = x;
      if (response === null) return;
      const grpc = x.policy.protocol.kind === 'grpc';
      counts.status(grpc ? (grpcStatusOf(response, trailers) ?? '') : String(response.status)).inc();
    },
  };
}
