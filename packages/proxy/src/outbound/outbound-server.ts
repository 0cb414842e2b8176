import { type DetectedHttp, detectHttp } from '../detect/detect-http.ts';
import type { Stack } from '../exchange/layer.ts';
import type { Drain } from '../lifecycle/drain.ts';
import type { Logger } from '../log/logger.ts';
import { joinLabels, renderLabels } from '../metrics/labels.ts';
import type { TransportMetrics } from '../metrics/transport.ts';
import { type HttpServerOptions, serveHttp } from '../server/serve-http.ts';
import { detectTls } from '../tls/detect-tls.ts';
import { ConnectError } from '../transport/connect-error.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { PeekError } from '../transport/peek.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { type ConnectionRoute, connectionCounts } from './connection-route.ts';
import { ConnectionRouteError } from './connection-route-error.ts';
import { forwardTcp } from './forward-tcp.ts';
import { parentLabels, targetLabels } from './labels.ts';
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

type Protocol = 'http1' | 'http2' | 'opaque' | 'detect' | 'tls';

const protocolLabel = {
  http1: 'http/1',
  http2: 'http/2',
  opaque: 'opaq',
  detect: 'detect',
  tls: 'tls',
} as const;

/** Everything the application opens: where does it lead, what is spoken, and to which endpoint does it go. */
export class OutboundServer {
  readonly #deps: OutboundServerDeps;

  constructor(deps: OutboundServerDeps) {
    this.#deps = deps;
  }

  /** Takes a redirected connection to its end. Never rejects. */
  async accept(connection: SocketConnection, target: SocketAddress): Promise<void> {
    const lease = this.#deps.targets.acquire({ kind: 'address', ...target });
    connection.observe(this.#deps.transport.open(sourceLabels(target)));
    try {
      const logical = await lease.target;
      const protocol = protocolOf(logical);
      this.#count(logical, protocol);
      if (protocol === 'http1' || protocol === 'http2') await this.#serve(connection, logical, protocol);
      else if (protocol === 'opaque') await this.#forward(connection, logical, logical.opaqueRoute());
      else if (protocol === 'tls') await this.#forwardTls(connection, logical);
      else await this.#detect(connection, logical);
    } catch (error) {
      connection.destroy();
      this.#report(target, error);
    } finally {
      lease.release();
    }
  }

  async #detect(connection: SocketConnection, logical: LogicalTarget): Promise<void> {
    const { detectTimeoutMs, metrics, now } = this.#deps;
    const parent = renderLabels(parentLabels(logical.policy.meta));
    const startedAt = now();
    const count = (outcome: DetectedHttp | 'error') =>
      metrics.detect.count(parent, outcome, now() - startedAt);
    const found = await detectHttp(connection, { timeoutMs: detectTimeoutMs }).catch((error: unknown) => {
      count('error');
      throw error;
    });
    count(found);
    if (found === 'http1' || found === 'http2') await this.#serve(connection, logical, found);
    else await this.#forward(connection, logical, logical.opaqueRoute());
  }

  async #serve(
    connection: SocketConnection,
    logical: LogicalTarget,
    version: 'http1' | 'http2',
  ): Promise<void> {
    const { http, informational, now, stack } = this.#deps;
    const context = { peer: connection.peer, logical, informational };
    await serveHttp(connection, version, http, (head, ended, stream) => {
      const x = new OutboundExchange(stack, context, head, ended, stream, now());
      x.proceed();
      return x;
    });
  }

  /** Routes by the server name in the ClientHello, which goes on as it came. */
  async #forwardTls(connection: SocketConnection, logical: LogicalTarget): Promise<void> {
    const hello = await detectTls(connection, { timeoutMs: this.#deps.detectTimeoutMs });
    if (hello.kind !== 'hello' || hello.sni === null)
      throw new ConnectionRouteError('no-server-name', logical, 'no TLS with a server name');
    const hostname = this.#deps.hostnameLabels ? hello.sni : '';
    await this.#forward(connection, logical, logical.tlsRoute(hello.sni, hostname));
  }

  async #forward(
    connection: SocketConnection,
    logical: LogicalTarget,
    route: ConnectionRoute | null,
  ): Promise<void> {
    if (route === null) throw new ConnectionRouteError('no-route', logical, 'no route');
    const { drain, log, metrics, random } = this.#deps;
    const finished = drain.add({ drain() {} });
    try {
      const counts = connectionCounts(metrics, route);
      await forwardTcp(connection, logical, route, { counts, random, log });
    } finally {
      finished();
    }
  }

  #count(logical: LogicalTarget, protocol: Protocol): void {
    const labels = joinLabels(
      `protocol="${protocolLabel[protocol]}"`,
      renderLabels(parentLabels(logical.policy.meta)),
    );
    this.#deps.metrics.protocols.with(labels).inc();
  }

  #report(target: SocketAddress, error: unknown): void {
    if (error instanceof PeekError && error.code !== 'timeout') return;
    const label = error instanceof ConnectError ? 'i/o' : 'unexpected';
    this.#deps.metrics.tcpErrors
      .with(joinLabels(renderLabels(targetLabels(target)), `error="${label}"`))
      .inc();
    this.#deps.log.info('Connection closed', { target: formatAddress(target), error });
  }
}

function sourceLabels(target: SocketAddress): string {
  return renderLabels([
    ['direction', 'outbound'],
    ['peer', 'src'],
    ...targetLabels(target),
    ['tls', 'no_identity'],
    ['no_tls_reason', 'loopback'],
  ]);
}

/** The profile's word that a destination is opaque comes before its policy. */
function protocolOf(logical: LogicalTarget): Protocol {
  if (logical.discovered.profile.current?.opaque) return 'opaque';
  const { kind } = logical.policy.protocol;
  switch (kind) {
    case 'grpc':
      return 'http2';
    case 'invalid':
      return 'detect';
    default:
      return kind;
  }
}
