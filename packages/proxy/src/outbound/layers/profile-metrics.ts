import type { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { HeaderList } from '../../http/message.ts';
import type { HttpTargetMetrics } from '../../metrics/http.ts';
import { errorLabelOf } from '../../metrics/response-error.ts';
import { classifyOnRoute } from '../../profile/route-counts.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

const failure = { classification: 'failure', grpcStatus: '' } as const;

/** `route_*`: what the application experiences on the routes of a profile. */
export function profileMetrics(now: () => number): Layer<OutboundExchange> {
  return {
    name: 'profile-metrics',
    onRequestBody(x) {
      requestsOf(x)?.request();
    },
    onResponseBody(x) {
      if (x.response !== null) requestsOf(x)?.latency(x.response.status, now() - x.startedAt);
    },
    onEnd: (x, trailers, error) => countResponse(requestsOf(x), x, trailers, error),
  };
}

/** `route_actual_*`: every attempt. */
export const attemptMetrics: Layer<OutboundExchange> = {
  name: 'attempt-metrics',
  onRequestBody(x) {
    attemptsOf(x)?.request();
  },
  onEnd: (x, trailers, error) => countResponse(attemptsOf(x), x, trailers, error),
};

const requestsOf = ({ profile, profileRoute }: OutboundExchange): HttpTargetMetrics | undefined =>
  profile?.requests.of(profileRoute);

const attemptsOf = ({ profile, profileRoute }: OutboundExchange): HttpTargetMetrics | undefined =>
  profile?.attempts.of(profileRoute);

function countResponse(
  counts: HttpTargetMetrics | undefined,
  { profileRoute, request, response }: OutboundExchange,
  trailers: HeaderList | null,
  error: ProxyError | null,
): void {
  if (counts === undefined) return;
  if (error !== null) counts.response(response?.status ?? 0, failure, errorLabelOf(error));
  else if (response !== null)
    counts.response(response.status, classifyOnRoute(profileRoute, request, response, trailers), '');
}
