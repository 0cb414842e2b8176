import type { ServerPolicy } from '@weft/policy';
import { type DetectedHttp, detectHttp } from '../detect/detect-http.ts';
import { parseNamedDestination } from '../discovery/destination.ts';
import type { HandshakeMetrics } from '../metrics/handshakes.ts';
import { logConnection } from '../server/log-connection.ts';
import { acceptTls } from '../tls/accept-tls.ts';
import { detectTls } from '../tls/detect-tls.ts';
import { TRANSPORT_ALPN } from '../tls/tls-connection.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import type { TransportHeader } from '../transport-header/header.ts';
import { readTransportHeader } from '../transport-header/read-header.ts';
import { AcceptError, acceptErrorLabel, isQuietClose } from './accept-error.ts';
import { type ForwardDeps, forwardConnection } from './forward-connection.ts';
import { headerLabels, labels, serverLabels, targetLabels } from './labels.ts';
import type { LocalVersion } from './local-targets.ts';
import type { InboundPolicies } from './ports.ts';
import { mutual, type SecureDeps, type Secured, secure } from './secured.ts';
import { type ServeDeps, serveRequests } from './serve-requests.ts';

export interface InboundServerDeps extends SecureDeps, ForwardDeps, ServeDeps {
  /** The port this side listens on: connections meant for it carry a transport header. */
  readonly listenPort: number;
  /** Addresses of this pod; empty: any. */
  readonly ownIps: ReadonlySet<string>;
  readonly policies: InboundPolicies;
  readonly failedHandshakes: HandshakeMetrics;
}

/** Everything that comes to the pod: who is it, what does it speak, may it, and where does it go. */
export class InboundServer {
  readonly #deps: InboundServerDeps;

  constructor(deps: InboundServerDeps) {
    this.#deps = deps;
  }

  /** Takes a redirected connection to its end. Never rejects. */
  async accept(connection: SocketConnection, target: SocketAddress): Promise<void> {
    const { listenPort, log, ownIps } = this.#deps;
    const finished = logConnection(log, connection, target);
    try {
      if (target.port === listenPort) await this.#direct(connection, target);
      else if (ownIps.size > 0 && !ownIps.has(target.ip))
        throw new AcceptError('not-own-address', target, 'not an address of this pod');
      else await this.#redirected(connection, target);
    } catch (error) {
      connection.destroy();
      this.#report(connection.peer, target, error);
    }
    finished();
  }

  /** As `accept`, for a server inside the proxy, which speaks HTTP and nothing else. Never rejects. */
  async acceptHttp(connection: SocketConnection, target: SocketAddress): Promise<void> {
    const policy = this.#deps.policies.get(target.port);
    try {
      const secured = await secure(connection, this.#deps);
      if (secured.tls.kind === 'opaque')
        throw new AcceptError('not-mesh-tls', target, 'TLS for somebody else');
      const found = await detectHttp(secured.connection, { timeoutMs: this.#deps.detectTimeoutMs });
      const silent = secured.tls.kind === 'mutual' ? 'http2' : 'http1';
      const version = found === 'timeout' ? silent : versionOf(found);
      if (version === null) throw new AcceptError('not-http', target, 'not HTTP');
      await serveRequests(this.#deps, secured, target, policy, version);
    } catch (error) {
      connection.destroy();
      this.#report(connection.peer, target, error);
    } finally {
      policy.release();
    }
  }

  /** A connection that was meant for a port of the application. */
  async #redirected(connection: SocketConnection, target: SocketAddress): Promise<void> {
    const policy = this.#deps.policies.get(target.port);
    try {
      if (policy.current.protocol.kind === 'opaque') {
        await forwardConnection(
          this.#deps,
          { connection, tls: { kind: 'none', reason: 'port_skipped' } },
          target,
          policy,
        );
        return;
      }
      const secured = await secure(connection, this.#deps);
      const version = await this.#detect(secured, target, policy.current);
      if (version === null) await forwardConnection(this.#deps, secured, target, policy);
      else await serveRequests(this.#deps, secured, target, policy, version);
    } finally {
      policy.release();
    }
  }

  /** A connection meant for the proxy itself: mutual TLS, then a header that says where it goes. */
  async #direct(connection: SocketConnection, target: SocketAddress): Promise<void> {
    const { credentials, detectTimeoutMs, handshakes, metrics, policies, serverName } = this.#deps;
    const hello = await detectTls(connection, { timeoutMs: detectTimeoutMs });
    if (hello.kind !== 'hello' || hello.sni !== serverName) {
      throw new AcceptError('not-mesh-tls', target, 'direct connections must be mutually authenticated');
    }
    const tls = await acceptTls(connection, credentials, {
      timeoutMs: detectTimeoutMs,
      gate: handshakes,
      alpn: TRANSPORT_ALPN,
    });
    const secured = { connection: tls.connection, tls: mutual(tls.clientId) };
    try {
      if (tls.clientId === null)
        throw new AcceptError('not-mesh-tls', target, 'direct connections must be mutually authenticated');
      if (tls.alpn !== TRANSPORT_ALPN)
        throw new AcceptError('no-header', target, 'require transport header negotiation');
      const header = await readTransportHeader(tls.connection, { timeoutMs: detectTimeoutMs });
      metrics.transportHeader.with(headerLabels(header, tls.clientId)).inc();
      if (header.name !== null) {
        await this.#passThrough(secured, target, header.name, header);
        return;
      }
      const app = { ip: target.ip, port: header.port };
      const policy = policies.get(app.port);
      try {
        if (header.session === null) await forwardConnection(this.#deps, secured, app, policy);
        else
          await serveRequests(
            this.#deps,
            secured,
            app,
            policy,
            header.session === 'http/1' ? 'http1' : 'http2',
          );
      } finally {
        policy.release();
      }
    } catch (error) {
      tls.connection.destroy();
      throw error;
    }
  }

  /** A connection for another service, under the policy of the port that it came to. */
  async #passThrough(
    secured: Secured,
    target: SocketAddress,
    name: string,
    { port, session }: TransportHeader,
  ): Promise<void> {
    const { gateway, listenPort, policies } = this.#deps;
    const destination = parseNamedDestination(`${name}:${port}`);
    if (gateway === null || destination === null || !gateway.ways.allows(destination))
      throw new AcceptError('no-gateway', target, `no gateway for ${name}`);
    const passage = await gateway.ways.open(destination);
    const policy = policies.get(listenPort);
    try {
      if (session === null)
        await forwardConnection(this.#deps, secured, target, policy, (connection) =>
          passage.forward(connection),
        );
      else
        await serveRequests(
          this.#deps,
          secured,
          target,
          policy,
          session === 'http/1' ? 'http1' : 'http2',
          passage,
        );
    } finally {
      policy.release();
      passage.release();
    }
  }

  /** The version of HTTP that is spoken, null for what is forwarded unread. */
  async #detect(
    { connection, tls }: Secured,
    target: SocketAddress,
    policy: ServerPolicy,
  ): Promise<LocalVersion | null> {
    const { protocol } = policy;
    switch (protocol.kind) {
      case 'opaque':
      case 'tls':
        return null;
      case 'http2':
      case 'grpc':
        return 'http2';
      case 'http1': {
        // A meshed client may have upgraded to HTTP/2.
        if (tls.kind === 'none') return 'http1';
        const found = await this.#detectHttp(connection, target, policy, this.#deps.detectTimeoutMs);
        return found === 'timeout' ? 'http1' : versionOf(found);
      }
      case 'detect':
        return versionOf(await this.#detectHttp(connection, target, policy, protocol.timeoutMs));
      case 'invalid':
        return versionOf(await this.#detectHttp(connection, target, policy, this.#deps.detectTimeoutMs));
    }
  }

  async #detectHttp(
    connection: SocketConnection,
    { port }: SocketAddress,
    { meta }: ServerPolicy,
    timeoutMs: number,
  ): Promise<DetectedHttp> {
    const { metrics, now } = this.#deps;
    const startedAt = now();
    const count = (outcome: DetectedHttp | 'error') =>
      metrics.detect.count(labels(serverLabels(meta, port)), outcome, now() - startedAt);
    try {
      const found = await detectHttp(connection, { timeoutMs });
      count(found);
      return found;
    } catch (error) {
      count('error');
      throw error;
    }
  }

  #report(peer: SocketAddress, target: SocketAddress, error: unknown): void {
    this.#deps.failedHandshakes.count('inbound', error);
    if (isQuietClose(error)) return;
    this.#deps.metrics.tcpErrors
      .with(labels([['error', acceptErrorLabel(error)]], targetLabels(target)))
      .inc();
    this.#deps.log.info('Connection closed', {
      client: formatAddress(peer),
      target: formatAddress(target),
      error,
    });
  }
}

function versionOf(found: DetectedHttp): LocalVersion | null {
  return found === 'http1' || found === 'http2' ? found : null;
}
