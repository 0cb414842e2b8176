import type { Meta } from '@weft/policy';
import { type DetectedHttp, detectHttp } from '../detect/detect-http.ts';
import type { Stack } from '../exchange/layer.ts';
import type { Drain } from '../lifecycle/drain.ts';
import type { Logger } from '../log/logger.ts';
import { renderLabels } from '../metrics/labels.ts';
import { RenderedLabels } from '../metrics/rendered-labels.ts';
import type { TransportMetrics } from '../metrics/transport.ts';
import { type HttpServerOptions, serveHttp } from '../server/serve-http.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { PeekError } from '../transport/peek.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { type ConnectionRoute, connectionCounts } from './connection-route.ts';
import { ConnectionRouteError, tcpErrorLabel } from './connection-route-error.ts';
import { forwardTcp } from './forward-tcp.ts';
import { parentText, targetLabels } from './labels.ts';
import type { LogicalTarget } from './logical-target.ts';
import type { LogicalTargets } from './logical-targets.ts';
import type { OutboundMetrics } from './metrics.ts';
import { OutboundExchange } from './outbound-exchange.ts';

export interface OutboundServerDeps {
  readonly detectTimeoutMs: number;
  readonly targets: LogicalTargets;
  readonly stack: Stack<OutboundExchange>;
  readonly http: HttpServerOptions;
  /** Whether applications are told why the proxy refuses. */
  readonly informational: boolean;
  /** Label the metrics of TLS routes with the server name that was asked for. */
  readonly hostnameLabels: boolean;
  readonly metrics: OutboundMetrics;
  readonly transport: TransportMetrics;
  readonly drain: Drain;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

/** Takes what an application opens to its end. */
export interface ConnectionAcceptor {
  /** `target`: where it was going. Never rejects. */
  accept(connection: SocketConnection, target: SocketAddress): Promise<void>;
}

/** Looks what is spoken, and counts that for `parent`. Rejects with a PeekError. */
export async function detectVersion(
  { detectTimeoutMs, metrics, now }: OutboundServerDeps,
  connection: SocketConnection,
  parent: Meta,
): Promise<DetectedHttp> {
  const startedAt = now();
  const count = (outcome: DetectedHttp | 'error') =>
    metrics.detect.count(parentText(parent), outcome, now() - startedAt);
  try {
    const found = await detectHttp(connection, { timeoutMs: detectTimeoutMs });
    count(found);
    return found;
  } catch (error) {
    count('error');
    throw error;
  }
}

/** Speaks HTTP with the application. `logical` is null where every request says what it is for. */
export async function serveRequests(
  { http, informational, log, now, stack }: OutboundServerDeps,
  connection: SocketConnection,
  target: SocketAddress,
  logical: LogicalTarget | null,
  version: 'http1' | 'http2',
): Promise<void> {
  if (log.enabled('debug')) log.debug('Serving HTTP', { target: formatAddress(target), version });
  const context = { peer: connection.peer, target, logical, informational };
  await serveHttp(connection, version, http, (head, ended, stream) => {
    const x = new OutboundExchange(stack, context, head, ended, stream, now());
    x.proceed();
    return x;
  });
}

/** Carries the bytes of a connection. Rejects with a ConnectionRouteError or a ConnectError. */
export async function forwardConnection(
  { drain, log, metrics, random }: OutboundServerDeps,
  connection: SocketConnection,
  logical: LogicalTarget,
  route: ConnectionRoute | null,
): Promise<void> {
  if (route === null) throw new ConnectionRouteError('no-route', logical, 'no route');
  // Such connections run on while the proxy drains; only their number matters.
  const finished = drain.add({ drain() {} });
  try {
    const counts = connectionCounts(metrics, route);
    await forwardTcp(connection, logical, route, { counts, random, log });
  } finally {
    finished();
  }
}

/** Counts and logs why a connection was closed; a client that left before it said anything is no error. */
export function reportFailure(
  { log, metrics }: OutboundServerDeps,
  target: SocketAddress,
  error: unknown,
): void {
  if (error instanceof PeekError && error.code !== 'timeout') return;
  const labels = [...targetLabels(target), ['error', tcpErrorLabel(error)] as const];
  metrics.tcpErrors.with(renderLabels(labels)).inc();
  log.info('Connection closed', { target: formatAddress(target), error });
}

/** The application's side of a connection. */
export function sourceLabels(target: SocketAddress): string {
  return rendered.get(sourceLabels, formatAddress(target), () =>
    renderLabels([
      ['direction', 'outbound'],
      ['peer', 'src'],
      ...targetLabels(target),
      ['tls', 'no_identity'],
      ['no_tls_reason', 'loopback'],
    ]),
  );
}

const rendered = new RenderedLabels();
