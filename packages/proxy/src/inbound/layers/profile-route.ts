import type { Layer } from '../../exchange/layer.ts';
import { errorLabelOf } from '../../metrics/response-error.ts';
import { classifyOnRoute } from '../../profile/route-counts.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

const failure = { classification: 'failure', grpcStatus: '' } as const;

/**
 * Finds the route that the profile of the request's service has for it. Inbound it does nothing but name the
 * request in the metrics, and say which of its responses are failures. A profile that was not asked for before
 * is waited for, briefly; other requests go on meanwhile.
 */
export function profileRoute(now: () => number): Layer<InboundExchange> {
  return {
    name: 'profile-route',
    onRequest(x) {
      const profile = x.connection.profiles?.find(x.request) ?? null;
      if (profile === null) return undefined;
      if (!profile.awaited) {
        x.profile = profile.match(x.request.method, pathOf(x.request.path));
        return undefined;
      }
      profile.whenSettled(() => {
        if (x.finished) return;
        x.profile = profile.match(x.request.method, pathOf(x.request.path));
        x.proceed();
      });
      return 'wait';
    },
    onRequestBody(x) {
      x.profile?.counts.request();
    },
    onResponseBody(x) {
      if (x.response !== null) x.profile?.counts.latency(x.response.status, now() - x.startedAt);
    },
    onEnd(x, trailers, error) {
      if (x.profile === null) return;
      const { counts, route } = x.profile;
      const { response } = x;
      if (error !== null) counts.response(response?.status ?? 0, failure, errorLabelOf(error));
      else if (response !== null)
        counts.response(response.status, classifyOnRoute(route, x.request, response, trailers), '');
    },
  };
}

function pathOf(target: string): string {
  const question = target.indexOf('?');
  return question < 0 ? target : target.slice(0, question);
}
