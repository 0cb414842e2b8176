import { matchGrpcRoute, matchHttpRoute } from '@weft/policy';
import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import { normalizeAuthority } from '../../exchange/normalize-authority.ts';
import type { InboundExchange } from '../inbound-exchange.ts';
import type { InboundRoute } from '../scope.ts';

interface Match {
  readonly route: InboundRoute;
  readonly rule: InboundRoute['rules'][number];
  readonly matchedPathLength: number;
}

function match({ policy, request }: InboundExchange): Match | null {
  const protocol = policy.protocol;
  const question = request.path.indexOf('?');
  const path = question < 0 ? request.path : request.path.slice(0, question);
  switch (protocol.kind) {
    case 'detect':
    case 'http1':
    case 'http2': {
      const query = question < 0 ? '' : request.path.slice(question + 1);
      return (
        protocol.routes.only ??
        matchHttpRoute(protocol.routes, request.authority, path, query, request.method, request.headers)
      );
    }
    case 'grpc':
      return (
        protocol.routes.only ??
        matchGrpcRoute(protocol.routes, request.authority, path, request.method, request.headers)
      );
    default:
      return null;
  }
}

/** Finds the route that the server's policy has for the request. */
export const findRoute: Layer<InboundExchange> = {
  name: 'route',
  onRequest(x) {
    const { policy, connection } = x;
    if (policy.protocol.kind === 'invalid') {
      return x.fail(new ProxyError('invalid-policy', `invalid server policy: ${policy.protocol.reason}`));
    }
    normalizeAuthority(x.request, connection.passage?.host ?? connection.target);
    const found = match(x);
    if (found === null) {
      connection.scope.notFound(policy);
      return x.fail(new ProxyError('no-route', 'no route found for request'));
    }
    x.route = found.route;
    x.filters = found.rule.filters;
    x.matchedPathLength = found.matchedPathLength;
    return undefined;
  },
};
