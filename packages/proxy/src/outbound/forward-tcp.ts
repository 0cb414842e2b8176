import type { Logger } from '../log/logger.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { tunnel } from '../tunnel/tunnel.ts';
import type { TcpBalancer } from './backends.ts';
import type { LogicalTarget } from './logical-target.ts';
import type { TcpEndpoint } from './tcp-endpoint.ts';

/** Why a connection was not carried on. */
export class OpaqueRouteError extends Error {
  readonly code: 'no-route' | 'forbidden' | 'invalid-backend' | 'no-endpoint' | 'queue-full';

  constructor(code: OpaqueRouteError['code'], target: LogicalTarget, reason: string) {
    super(`logical service ${target.name}: ${reason}`);
    this.name = 'OpaqueRouteError';
    this.code = code;
  }
}

/** Carries a connection that is not taken apart to one of its destination's endpoints, until both sides end. */
export async function forwardTcp(
  client: SocketConnection,
  logical: LogicalTarget,
  random: () => number,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const balancer = chooseBalancer(logical, random);
  const endpoint = await acquire(balancer, logical);
  const { connection: server, finish } = await endpoint.connect(signal);
  try {
    const { error } = await tunnel(client, server, { signal });
    if (error !== null)
      log.debug('Connection broke', {
        target: logical.name,
        endpoint: formatAddress(endpoint.endpoint),
        error,
      });
  } finally {
    finish();
  }
}

function chooseBalancer(logical: LogicalTarget, random: () => number): TcpBalancer {
  const byProfile = logical.routingProfile?.targets.length ? logical.chooseTcpTarget(random) : null;
  if (byProfile !== null) return byProfile;
  const route = logical.opaqueRoute();
  if (route === null) throw new OpaqueRouteError('no-route', logical, 'no route');
  refuse(logical, route.filters);
  const choice = logical.chooseTcp(route.distribution, random);
  if (choice.kind === 'none') throw new OpaqueRouteError('no-endpoint', logical, 'service unavailable');
  refuse(logical, choice.filters);
  if (choice.kind === 'fail') throw new OpaqueRouteError('invalid-backend', logical, choice.message);
  return choice.balancer;
}

function refuse(logical: LogicalTarget, filters: readonly { readonly kind: string }[]): void {
  const [filter] = filters;
  if (filter === undefined) return;
  if (filter.kind === 'forbidden') throw new OpaqueRouteError('forbidden', logical, 'forbidden by policy');
  throw new OpaqueRouteError('invalid-backend', logical, 'invalid policy');
}

function acquire(balancer: TcpBalancer, logical: LogicalTarget): Promise<TcpEndpoint> {
  return new Promise((resolve, reject) => {
    const unavailable = () => reject(new OpaqueRouteError('no-endpoint', logical, 'service in fail-fast'));
    const acquired = balancer.acquire({ onEndpoint: resolve, onFailFast: unavailable });
    if (acquired.kind === 'endpoint') resolve(acquired.endpoint);
    else if (acquired.kind === 'full') reject(new OpaqueRouteError('queue-full', logical, 'queue is full'));
    else if (acquired.kind === 'shut') unavailable();
  });
}
