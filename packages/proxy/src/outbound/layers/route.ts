import { matchGrpcRoute, matchHttpRoute, matchProfileRoute } from '@weft/policy';
import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import { normalizeAuthority } from '../../exchange/normalize-authority.ts';
import { setHeader } from '../../http/headers.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

/**
 * Finds the rule for a request: in the service profile where it has routes or a split, else in the policy
 * of the destination.
 */
export const findRoute: Layer<OutboundExchange> = {
  name: 'route',
  onRequest(x) {
    const { logical } = x;
    normalizeAuthority(x.request, logical.name);
    const profile = logical.httpProfile;
    if (profile !== null) {
      x.profile = profile;
      x.profileRoute = matchProfileRoute(profile.profile.routes, x.request.method, pathOf(x.request.path));
      setHeader(x.request.headers, 'l5d-dst-canonical', profile.canonicalName);
      return undefined;
    }
    return routeByPolicy(x);
  },
};

const pathOf = (target: string): string => {
  const question = target.indexOf('?');
  return question < 0 ? target : target.slice(0, question);
};

function routeByPolicy(x: OutboundExchange): 'done' | undefined {
  const { request, logical } = x;
  const protocol = logical.httpProtocol(x.asked);
  if (protocol.kind === 'invalid') {
    x.routeMeta = logical.policy.meta;
    x.invalidPolicy = protocol.reason;
    return undefined;
  }
  const path = pathOf(request.path);
  const found =
    protocol.kind === 'grpc'
      ? (protocol.routes.only ??
        matchGrpcRoute(protocol.routes, request.authority, path, request.method, request.headers))
      : (protocol.routes.only ??
        matchHttpRoute(
          protocol.routes,
          request.authority,
          path,
          request.path.slice(path.length + 1),
          request.method,
          request.headers,
        ));
  if (found === null) return x.fail(new ProxyError('no-route', 'no route'));
  x.routeMeta = found.route.meta;
  x.rule = found.rule;
  x.matchedPathLength = found.matchedPathLength;
  return undefined;
}
