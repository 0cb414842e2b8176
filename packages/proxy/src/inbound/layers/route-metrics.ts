import type { Layer } from '../../exchange/layer.ts';
import { grpcStatusOf } from '../../http/classify.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

/** '' for a request without an answer of its application. */
function statusOf({ policy, response }: InboundExchange, trailers: string[] | null): string {
  if (response === null) return '';
  if (policy.protocol.kind === 'grpc') return grpcStatusOf(response, trailers) ?? '';
  return String(response.status);
}

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
      x.requestTimed = true;
      x.series?.counts.requestDuration.observe(elapsed(x));
    },
    onResponseFrame(x, bytes) {
      x.series?.counts.responseFrames.observe(bytes);
    },
    onEnd(x, trailers) {
      const counts = x.series?.counts;
      if (counts === undefined) return;
      // Nobody waits for the rest of a request that was answered before it ended.
      if (!x.requestTimed) counts.requestDuration.observe(elapsed(x));
      counts.responseDuration.observe(elapsed(x));
      counts.status(statusOf(x, trailers)).inc();
    },
  };
}
