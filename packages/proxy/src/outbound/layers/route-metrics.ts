import type { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import { hostOf } from '../../exchange/normalize-authority.ts';
import { grpcStatusOf } from '../../http/classify.ts';
import { grpcCodeName } from '../../http/grpc-code.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';
import { routeErrorLabel } from '../route-error.ts';

/** How an exchange ended, for the labels. What a filter answers has a status and is no error. */
function outcomeOf(
  x: OutboundExchange,
  trailers: string[] | null,
  error: ProxyError | null,
): { status: string; error: string } {
  if (error !== null && isFilters(error)) {
    const { status = 0 } = error.details;
    return { status: error.code === 'injected-grpc' ? grpcCodeName(status) : String(status), error: '' };
  }
  return { status: statusOf(x, trailers), error: error === null ? '' : routeErrorLabel(error) };
}

const isFilters = ({ code }: ProxyError): boolean =>
  code === 'redirect' || code === 'injected' || code === 'injected-grpc';

function statusOf(x: OutboundExchange, trailers: string[] | null): string {
  if (x.logical.isGrpc) {
    const code = x.response === null ? undefined : grpcStatusOf(x.response, trailers);
    return code === undefined ? 'UNKNOWN' : grpcCodeName(code);
  }
  return x.response === null ? '' : String(x.response.status);
}

/** `outbound_{http,grpc}_route_*`: what the application experienced. */
export function routeMetrics(now: () => number, hostnames: boolean): Layer<OutboundExchange> {
  return {
    name: 'route-metrics',
    onRequest(x) {
      if (x.routeMeta === null) return;
      x.hostname = hostnames ? nameOf(x.request.authority) : '';
      x.routeCounts = x.logical.series.route(x.routeMeta, x.hostname);
    },
    onRequestFrame(x, bytes) {
      x.routeCounts?.requestFrames.observe(bytes);
    },
    onEnd(x, trailers, error) {
      const counts = x.routeCounts;
      if (counts === null) return;
      counts.requestDuration.observe((now() - x.startedAt) / 1000);
      const outcome = outcomeOf(x, trailers, error);
      counts.status(outcome.status, outcome.error).inc();
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
      const outcome = outcomeOf(x, trailers, error);
      counts.status(outcome.status, outcome.error).inc();
    },
  };
}

/** Addresses are no hostnames. */
function nameOf(authority: string | undefined): string {
  const host = hostOf(authority) ?? '';
  return /^[\d.]+$/.test(host) || host.includes(':') ? '' : host;
}
