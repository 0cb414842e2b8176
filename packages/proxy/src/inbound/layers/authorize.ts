import { type Authorization, authorize } from '@weft/policy';
import { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import type { Logger } from '../../log/logger.ts';
import { formatAddress } from '../../transport/socket-address.ts';
import type { InboundExchange } from '../inbound-exchange.ts';
import type { InboundRoute } from '../scope.ts';

/** Admits the request if an authorization of its route, or of the server, covers the client. */
export class Authorize implements Layer<InboundExchange> {
  readonly name = 'authorize';
  readonly #log: Logger;
  readonly #authorityLabels: boolean;

  /** `authorityLabels`: label request metrics with the authority, however many there are. */
  constructor(log: Logger, authorityLabels: boolean) {
    this.#log = log;
    this.#authorityLabels = authorityLabels;
  }

  onRequest(x: InboundExchange): 'done' | undefined {
    const { policy, connection } = x;
    const route = x.route as InboundRoute;
    const authorization = authorize(route.authorizations, connection.client);
    if (authorization === null) {
      connection.scope.deny(policy, route);
      this.#log.info('Request denied', this.#fields(x, route));
      return x.fail(new ProxyError('unauthorized', 'unauthorized request on route'));
    }
    x.authorization = authorization;
    const authority = this.#authorityLabels ? (x.request.authority ?? '') : undefined;
    x.series = connection.scope.series(policy, route, authorization, authority);
    x.series.allow.inc();
    if (authorization.audit)
      this.#log.info('Request allowed', { ...this.#fields(x, route), authz: nameOf(authorization) });
    return undefined;
  }

  #fields({ connection, policy, request }: InboundExchange, route: InboundRoute) {
    const { tls } = connection.client;
    return {
      client: formatAddress(connection.peer),
      client_id: tls.kind === 'mutual' ? (tls.id ?? '') : '',
      tls: tls.kind === 'none' ? tls.reason : tls.kind,
      target: formatAddress(connection.target),
      server: policy.meta.name,
      route: route.meta.name,
      method: request.method,
      path: request.path,
    };
  }
}

const nameOf = ({ meta }: Authorization): string => meta.name;
