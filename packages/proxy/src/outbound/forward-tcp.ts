import { formatMeta } from '@weft/policy';
import type { LogFields, Logger } from '../log/logger.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { tunnel } from '../tunnel/tunnel.ts';
import type { TcpBalancer } from './backends.ts';
import type { ConnectionCounts } from './connection-metrics.ts';
import type { ConnectionRoute } from './connection-route.ts';
import { ConnectionRouteError, closeErrorOf, refuseByFilter } from './connection-route-error.ts';
import type { LogicalTarget } from './logical-target.ts';
import type { TcpEndpoint } from './tcp-endpoint.ts';

export interface ForwardTcpOptions {
  readonly counts: ConnectionCounts;
  readonly random: () => number;
  readonly log: Logger;
}

/**
 * Carries a connection that is not taken apart to one of its route's endpoints, until both sides end. Rejects
 * with a ConnectionRouteError or a ConnectError when it leads nowhere.
 */
export async function forwardTcp(
  client: SocketConnection,
  logical: LogicalTarget,
  route: ConnectionRoute,
  { counts, random, log }: ForwardTcpOptions,
): Promise<void> {
  counts.open.inc();
  try {
    const endpoint = await acquire(chooseBalancer(logical, route, random), logical);
    if (log.enabled('debug')) log.debug('Forwarding connection', describe(logical, route, endpoint));
    const { connection: server, finish } = await endpoint.connect(new AbortController().signal);
    const { error } = await tunnel(client, server);
    finish();
    counts.closed(error === null ? '' : 'unexpected');
    if (error !== null) log.debug('Connection broke', { ...describe(logical, route, endpoint), error });
  } catch (error) {
    counts.closed(closeErrorOf(error));
    throw error;
  }
}

function describe(logical: LogicalTarget, { route }: ConnectionRoute, { endpoint }: TcpEndpoint): LogFields {
  return { target: logical.name, route: formatMeta(route.meta), endpoint: formatAddress(endpoint) };
}

function chooseBalancer(logical: LogicalTarget, route: ConnectionRoute, random: () => number): TcpBalancer {
  refuseByFilter(logical, route.route.filters);
  const chosen = logical.chooseTcp(route, random);
  if (chosen === null) throw new ConnectionRouteError('no-backend', logical, 'service unavailable');
  refuseByFilter(logical, chosen.filters);
  const { dispatcher } = chosen.backend;
  if (dispatcher.kind === 'fail') throw new ConnectionRouteError('failed', logical, dispatcher.message);
  return logical.tcpBalancer(chosen.backend, route);
}

function acquire(balancer: TcpBalancer, logical: LogicalTarget): Promise<TcpEndpoint> {
  return new Promise((resolve, reject) => {
    const unavailable = () => reject(new ConnectionRouteError('fail-fast', logical, 'service in fail-fast'));
    const hopeless = (reason: string) => reject(new ConnectionRouteError('no-endpoint', logical, reason));
    const acquired = balancer.acquire({ onEndpoint: resolve, onFailFast: unavailable, onHopeless: hopeless });
    if (acquired.kind === 'endpoint') resolve(acquired.endpoint);
    else if (acquired.kind === 'failed') hopeless(acquired.reason);
    else if (acquired.kind === 'full')
      reject(new ConnectionRouteError('queue-full', logical, 'queue is full'));
    else if (acquired.kind === 'shut') unavailable();
  });
}
