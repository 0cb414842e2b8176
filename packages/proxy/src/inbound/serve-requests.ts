import type { Stack } from '../exchange/layer.ts';
import type { Logger } from '../log/logger.ts';
import type { HttpMetrics } from '../metrics/http.ts';
import type { TransportMetrics } from '../metrics/transport.ts';
import { type HttpServerOptions, serveHttp } from '../server/serve-http.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';
import { sourceLabels } from './connection-labels.ts';
import { ConnectionProfiles } from './connection-profiles.ts';
import { InboundExchange } from './inbound-exchange.ts';
import type { LocalBalancer, LocalTargets, LocalVersion } from './local-targets.ts';
import type { InboundMetrics } from './metrics.ts';
import type { Gateway, InboundProfiles, Passage, PolicyHandle } from './ports.ts';
import { Scope } from './scope.ts';
import { clientFields, type Secured } from './secured.ts';

export interface ServeDeps {
  /** null: requests here are not for services. */
  readonly profiles: InboundProfiles | null;
  readonly targets: LocalTargets;
  readonly stack: Stack<InboundExchange>;
  /** The way to other services, and the stack for requests to them; null: there is none. */
  readonly gateway: { readonly ways: Gateway; readonly stack: Stack<InboundExchange> } | null;
  readonly http: HttpServerOptions;
  readonly metrics: InboundMetrics;
  readonly httpMetrics: HttpMetrics;
  readonly transport: TransportMetrics;
  readonly log: Logger;
  readonly now: () => number;
}

/** Speaks HTTP with the client; every request meets the policy in force when it comes. */
export async function serveRequests(
  deps: ServeDeps,
  { connection, tls }: Secured,
  target: SocketAddress,
  policy: PolicyHandle,
  version: LocalVersion,
  passage: Passage | null = null,
): Promise<void> {
  const { gateway, http, httpMetrics, log, metrics, now, targets, transport } = deps;
  const stack = passage === null || gateway === null ? deps.stack : gateway.stack;
  if (log.enabled('debug'))
    log.debug('Serving HTTP', { target: formatAddress(target), version, ...clientFields(tls) });
  connection.observe(transport.open(sourceLabels(policy.current.meta, target, tls)));
  const scope = new Scope(metrics, httpMetrics, target, tls);
  const profiles = deps.profiles === null ? null : new ConnectionProfiles(deps.profiles);
  const held: Partial<Record<LocalVersion, LocalBalancer>> = {};
  const context = {
    peer: connection.peer,
    client: { ip: connection.peer.ip, tls },
    target,
    policy,
    scope,
    profiles,
    passage,
    localTarget: (wanted: LocalVersion) => {
      held[wanted] ??= targets.acquire(target, wanted);
      return held[wanted];
    },
  };
  try {
    await serveHttp(connection, version, http, (head, ended, stream) => {
      const x = new InboundExchange(stack, context, head, ended, stream, now());
      x.proceed();
      return x;
    });
  } finally {
    scope.release();
    profiles?.release();
    for (const each of Object.keys(held)) targets.release(target, each as LocalVersion);
  }
}
