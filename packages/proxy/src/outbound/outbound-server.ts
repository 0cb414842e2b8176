import { formatMeta } from '@weft/policy';
import { joinLabels } from '../metrics/labels.ts';
import { logConnection } from '../server/log-connection.ts';
import { detectTls } from '../tls/detect-tls.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import {
  type ConnectionAcceptor,
  detectVersion,
  forwardConnection,
  type OutboundServerDeps,
  reportFailure,
  serveRequests,
  sourceLabels,
} from './carry-connection.ts';
import { ConnectionRouteError } from './connection-route-error.ts';
import { parentText } from './labels.ts';
import type { LogicalTarget } from './logical-target.ts';

type Protocol = 'http1' | 'http2' | 'opaque' | 'detect' | 'tls';

const protocolLabel = {
  http1: 'http/1',
  http2: 'http/2',
  opaque: 'opaq',
  detect: 'detect',
  tls: 'tls',
} as const;

/** Everything the application opens: where does it lead, what is spoken, and to which endpoint does it go. */
export class OutboundServer implements ConnectionAcceptor {
  readonly #deps: OutboundServerDeps;

  constructor(deps: OutboundServerDeps) {
    this.#deps = deps;
  }

  async accept(connection: SocketConnection, target: SocketAddress): Promise<void> {
    const lease = this.#deps.targets.acquire({ kind: 'address', ...target });
    connection.observe(this.#deps.transport.open(sourceLabels(target)));
    const finished = logConnection(this.#deps.log, connection, target);
    try {
      await this.#carry(connection, target, await lease.target);
    } catch (error) {
      connection.destroy();
      reportFailure(this.#deps, target, error);
    } finally {
      lease.release();
      finished();
    }
  }

  async #carry(connection: SocketConnection, target: SocketAddress, logical: LogicalTarget): Promise<void> {
    const protocol = protocolOf(logical);
    this.#count(logical, protocol);
    const { log } = this.#deps;
    if (log.enabled('debug')) {
      const policy = formatMeta(logical.policy.meta);
      log.debug('Destination discovered', { target: logical.name, protocol, policy });
    }
    switch (protocol) {
      case 'http1':
      case 'http2':
        return serveRequests(this.#deps, connection, target, logical, protocol);
      case 'opaque':
        return forwardConnection(this.#deps, connection, logical, logical.opaqueRoute());
      case 'tls':
        return this.#carryTls(connection, logical);
      case 'detect': {
        const found = await detectVersion(this.#deps, connection, logical.policy.meta);
        if (found === 'http1' || found === 'http2')
          return serveRequests(this.#deps, connection, target, logical, found);
        return forwardConnection(this.#deps, connection, logical, logical.opaqueRoute());
      }
    }
  }

  /** Routes by the server name in the ClientHello, which goes on as it came. */
  async #carryTls(connection: SocketConnection, logical: LogicalTarget): Promise<void> {
    const { detectTimeoutMs, hostnameLabels } = this.#deps;
    const hello = await detectTls(connection, { timeoutMs: detectTimeoutMs });
    if (hello.kind !== 'hello' || hello.sni === null)
      throw new ConnectionRouteError('no-server-name', logical, 'no TLS with a server name');
    const route = logical.tlsRoute(hello.sni, hostnameLabels ? hello.sni : '');
    await forwardConnection(this.#deps, connection, logical, route);
  }

  #count(logical: LogicalTarget, protocol: Protocol): void {
    const labels = joinLabels(`protocol="${protocolLabel[protocol]}"`, parentText(logical.policy.meta));
    this.#deps.metrics.protocols.with(labels).inc();
  }
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
