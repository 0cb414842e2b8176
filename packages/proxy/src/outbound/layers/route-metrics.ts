import type { Layer } from '../../exchange/layer.ts';
import { hostOf } from '../../exchange/normalize-authority.ts';
import { grpcStatusOf } from '../../http/classify.ts';
import { grpcCodeName } from '../../http/grpc-code.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';
import { routeErrorLabel } from '../route-error.ts';

function statusOf(x: OutboundExchange, trailers: string[] | null): string {
  if (x.response === null) return '';
  if (!x.logical.isGrpc) return String(x.response.status);
  const code = grpcStatusOf(x.response, trailers);
  return code === undefined ? '' : grpcCodeName(code);
}

/** `outbound_{http,grpc}_route_*`: what the application experienced. */
export function routeMetrics(now: () => number, hostnames: boolean): Layer<OutboundExchange> {
  return {
    name: 'route-metrics',
    onRequest(x) {
      if (x.routeMeta === null) return;
      const host = hostnames ? nameOf(x.request.authority) : '';
      x.routeCounts = x.logical.series.route(x.routeMeta, host);
    },
    onRequestFrame(x, bytes) {
      x.routeCounts?.requestFrames.observe(bytes);
    },
    onEnd(x, trailers, error) {
      const counts = x.routeCounts;
      if (counts === null) return;
      counts.requestDuration.observe((now() - x.startedAt) / 1000);
      counts.status(statusOf(x, trailers), error === null ? '' : routeErrorLabel(error)).inc();
    },
  };
}

/** `outbound_{http,grpc}_route_backend_*`: what one backend did. */
export function backendMetrics(now: () => number): Layer<OutboundExchange> {
  return {
    name: 'backend-metrics',
    onRequest(x) {
      if (x.routeMeta === null || x.backendMeta === null) return;
      x.backendCounts = x.logical.series.backend(x.routeMeta, x.backendMeta);
      x.backendCounts.requests.inc();
    },
    onResponseFrame(x, bytes) {
      x.backendCounts?.responseFrames.observe(bytes);
    },
    onEnd(x, trailers, error) {
      const counts = x.backendCounts;
      if (counts === null) return;
      counts.responseDuration.observe((now() - x.startedAt) / 1000);
      counts.status(statusOf(x, trailers), error === null ? '' : routeErrorLabel(error)).inc();
    },
  };
}

/** Addresses are no hostnames. */
function nameOf(authority: string | undefined): string {
  const host = hostOf(authority) ?? '';
  return /^[\d.]+$/.test(host) || host.includes(':') ? '' : host;
}
