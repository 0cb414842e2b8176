import { authorize, type Client, type ServerPolicy } from '@weft/policy';
import type { Drain } from '../lifecycle/drain.ts';
import type { Logger } from '../log/logger.ts';
import type { TransportMetrics } from '../metrics/transport.ts';
import type { ConnectSocket } from '../transport/connect-tcp.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { tunnel } from '../tunnel/tunnel.ts';
import { AcceptError } from './accept-error.ts';
import { allowedLabels, applicationLabels, sourceLabels } from './connection-labels.ts';
import { labels, serverLabels, targetLabels, tlsLabels } from './labels.ts';
import type { InboundMetrics } from './metrics.ts';
import type { PolicyHandle } from './ports.ts';
import { clientFields, type Secured } from './secured.ts';

export interface ForwardDeps {
  readonly connectLocal: (target: SocketAddress) => ConnectSocket;
  readonly metrics: InboundMetrics;
  readonly transport: TransportMetrics;
  readonly drain: Drain;
  readonly log: Logger;
}

/** Takes the bytes of a connection to their end; to be cut short by the signal. */
export type Carry = (from: SocketConnection, signal: AbortSignal) => Promise<void>;

/** Carries bytes unread for as long as the policy allows the client; to the application unless told. */
export async function forwardConnection(
  deps: ForwardDeps,
  { connection, tls }: Secured,
  target: SocketAddress,
  policy: PolicyHandle,
  carry: Carry = (from, signal) => carryToApplication(deps, from, target, signal),
): Promise<void> {
  const { drain, log, metrics, transport } = deps;
  const client: Client = { ip: connection.peer.ip, tls };
  const { meta, authorizations } = policy.current;
  const describe = ({ meta: server }: ServerPolicy) =>
    labels(targetLabels(target), serverLabels(server, target.port), tlsLabels(tls));
  connection.observe(transport.open(sourceLabels(meta, target, tls)));
  const authorization = authorize(authorizations, client);
  if (authorization === null) {
    metrics.tcpDeny.with(describe(policy.current)).inc();
    log.info('Connection denied', {
      client: formatAddress(connection.peer),
      target: formatAddress(target),
      ...clientFields(tls),
      server: meta.name,
    });
    connection.destroy();
    return;
  }
  metrics.tcpAllow.with(allowedLabels(meta, target, tls, authorization)).inc();
  if (log.enabled('debug'))
    log.debug('Forwarding connection', { target: formatAddress(target), ...clientFields(tls) });
  const cut = new AbortController();
  const unsubscribe = policy.subscribe((next) => {
    if (authorize(next.authorizations, client) !== null) return;
    metrics.tcpTerminate.with(describe(policy.current)).inc();
    log.info('Connection cut by a changed policy', {
      client: formatAddress(connection.peer),
      target: formatAddress(target),
    });
    cut.abort(new AcceptError('no-longer-allowed', target, 'the policy no longer allows this client'));
    connection.destroy();
  });
  // Opaque connections run on while the proxy drains; only their number matters.
  const finished = drain.add({ drain() {} });
  try {
    await carry(connection, cut.signal);
  } finally {
    finished();
    unsubscribe();
  }
}

async function carryToApplication(
  { connectLocal, transport }: ForwardDeps,
  from: SocketConnection,
  target: SocketAddress,
  signal: AbortSignal,
): Promise<void> {
  const server = await connectLocal(target)(signal);
  server.observe(transport.open(applicationLabels));
  await tunnel(from, server, { signal });
}
