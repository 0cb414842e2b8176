import { type Authorization, authorize, type Client, type ClientTls, type ServerPolicy } from '@weft/policy';
import { type DetectedHttp, detectHttp } from '../detect/detect-http.ts';
import { parseNamedDestination } from '../discovery/destination.ts';
import type { Stack } from '../exchange/layer.ts';
import type { Drain } from '../lifecycle/drain.ts';
import type { Logger } from '../log/logger.ts';
import type { HandshakeMetrics } from '../metrics/handshakes.ts';
import type { HttpMetrics } from '../metrics/http.ts';
import { RenderedLabels } from '../metrics/rendered-labels.ts';
import type { TransportMetrics } from '../metrics/transport.ts';
import { logConnection } from '../server/log-connection.ts';
import { type HttpServerOptions, serveHttp } from '../server/serve-http.ts';
import { acceptTls } from '../tls/accept-tls.ts';
import type { Credentials } from '../tls/credentials.ts';
import { detectTls } from '../tls/detect-tls.ts';
import type { HandshakeGate } from '../tls/handshake-gate.ts';
import { TRANSPORT_ALPN } from '../tls/tls-connection.ts';
import type { ConnectSocket } from '../transport/connect-tcp.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress, isLoopback } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import type { TransportHeader } from '../transport-header/header.ts';
import { readTransportHeader } from '../transport-header/read-header.ts';
import { tunnel } from '../tunnel/tunnel.ts';
import { AcceptError, acceptErrorLabel, isQuietClose } from './accept-error.ts';
import { ConnectionProfiles } from './connection-profiles.ts';
import { InboundExchange } from './inbound-exchange.ts';
import {
  authorizationLabels,
  headerLabels,
  labels,
  serverLabels,
  targetLabels,
  tlsLabels,
} from './labels.ts';
import type { LocalBalancer, LocalTargets, LocalVersion } from './local-targets.ts';
import type { InboundMetrics } from './metrics.ts';
import type { Gateway, InboundPolicies, InboundProfiles, Passage, PolicyHandle } from './ports.ts';
import { Scope } from './scope.ts';

export interface InboundServerDeps {
  /** The port this side listens on: connections meant for it carry a transport header. */
  readonly listenPort: number;
  /** Addresses of this pod; empty: any. */
  readonly ownIps: ReadonlySet<string>;
  /** The name clients put in the SNI to reach this proxy. */
  readonly serverName: string;
  readonly detectTimeoutMs: number;
  readonly policies: InboundPolicies;
  /** null: requests here are not for services. */
  readonly profiles: InboundProfiles | null;
  readonly credentials: Credentials;
  readonly handshakes: HandshakeGate;
  readonly connectLocal: (target: SocketAddress) => ConnectSocket;
  readonly targets: LocalTargets;
  readonly stack: Stack<InboundExchange>;
  /** The way to other services, and the stack for requests to them; null: there is none. */
  readonly gateway: { readonly ways: Gateway; readonly stack: Stack<InboundExchange> } | null;
  readonly http: HttpServerOptions;
  readonly metrics: InboundMetrics;
  readonly httpMetrics: HttpMetrics;
  readonly transport: TransportMetrics;
  readonly failedHandshakes: HandshakeMetrics;
  readonly drain: Drain;
  readonly log: Logger;
  readonly now: () => number;
}

/** A connection whose client is known as well as it can be. */
interface Secured {
  readonly connection: SocketConnection;
  readonly tls: ClientTls;
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
      const secured = await this.#secure(connection);
      if (secured.tls.kind === 'opaque')
        throw new AcceptError('not-mesh-tls', target, 'TLS for somebody else');
      const found = await detectHttp(secured.connection, { timeoutMs: this.#deps.detectTimeoutMs });
      const silent = secured.tls.kind === 'mutual' ? 'http2' : 'http1';
      const version = found === 'timeout' ? silent : versionOf(found);
      if (version === null) throw new AcceptError('not-http', target, 'not HTTP');
      await this.#serve(secured, target, policy, version);
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
        await this.#forward({ connection, tls: { kind: 'none', reason: 'port_skipped' } }, target, policy);
        return;
      }
      const secured = await this.#secure(connection);
      const version = await this.#detect(secured, target, policy.current);
      if (version === null) await this.#forward(secured, target, policy);
      else await this.#serve(secured, target, policy, version);
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
        if (header.session === null) await this.#forward(secured, app, policy);
        else await this.#serve(secured, app, policy, header.session === 'http/1' ? 'http1' : 'http2');
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
        await this.#forward(secured, target, policy, (connection) => passage.forward(connection));
      else await this.#serve(secured, target, policy, session === 'http/1' ? 'http1' : 'http2', passage);
    } finally {
      policy.release();
      passage.release();
    }
  }

  /** Ends TLS that is meant for this proxy, and leaves everything else as it came. */
  async #secure(connection: SocketConnection): Promise<Secured> {
    const { credentials, detectTimeoutMs, handshakes, serverName } = this.#deps;
    const hello = await detectTls(connection, { timeoutMs: detectTimeoutMs });
    if (hello.kind !== 'hello' || hello.sni === null) return { connection, tls: noTls(connection) };
    if (hello.sni !== serverName) return { connection, tls: { kind: 'opaque', sni: hello.sni } };
    const tls = await acceptTls(connection, credentials, { timeoutMs: detectTimeoutMs, gate: handshakes });
    return { connection: tls.connection, tls: mutual(tls.clientId) };
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

  /** Carries bytes for as long as the policy allows the client; to the application unless told. */
  async #forward(
    { connection, tls }: Secured,
    target: SocketAddress,
    policy: PolicyHandle,
    carry = (from: SocketConnection, signal: AbortSignal) => this.#carryToApp(from, target, signal),
  ): Promise<void> {
    const { drain, log, metrics } = this.#deps;
    const client: Client = { ip: connection.peer.ip, tls };
    this.#observe(connection, target, tls, policy.current);
    const describe = () =>
      labels(targetLabels(target), serverLabels(policy.current.meta, target.port), tlsLabels(tls));
    const authorization = authorize(policy.current.authorizations, client);
    if (authorization === null) {
      metrics.tcpDeny.with(describe()).inc();
      log.info('Connection denied', {
        client: formatAddress(connection.peer),
        target: formatAddress(target),
        ...clientFields(tls),
        server: policy.current.meta.name,
      });
      connection.destroy();
      return;
    }
    const { meta } = policy.current;
    const allowed = rendered.get(meta, `${allowKey(authorization)} ${pathKey(target, tls)}`, () =>
      labels(
        targetLabels(target),
        serverLabels(meta, target.port),
        authorizationLabels(authorization),
        tlsLabels(tls),
      ),
    );
    metrics.tcpAllow.with(allowed).inc();
    if (log.enabled('debug'))
      log.debug('Forwarding connection', { target: formatAddress(target), ...clientFields(tls) });
    const cut = new AbortController();
    const unsubscribe = policy.subscribe((next) => {
      if (authorize(next.authorizations, client) !== null) return;
      metrics.tcpTerminate.with(describe()).inc();
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

  async #carryToApp(from: SocketConnection, target: SocketAddress, signal: AbortSignal): Promise<void> {
    const { connectLocal, transport } = this.#deps;
    const server = await connectLocal(target)(signal);
    server.observe(transport.open(localLabels));
    await tunnel(from, server, { signal });
  }

  /** Speaks HTTP with the client; every request meets the policy in force when it comes. */
  async #serve(
    { connection, tls }: Secured,
    target: SocketAddress,
    policy: PolicyHandle,
    version: LocalVersion,
    passage: Passage | null = null,
  ): Promise<void> {
    const { gateway, http, httpMetrics, log, metrics, now, targets } = this.#deps;
    const stack = passage === null || gateway === null ? this.#deps.stack : gateway.stack;
    if (log.enabled('debug'))
      log.debug('Serving HTTP', { target: formatAddress(target), version, ...clientFields(tls) });
    this.#observe(connection, target, tls, policy.current);
    const scope = new Scope(metrics, httpMetrics, target, tls);
    const profiles = this.#deps.profiles === null ? null : new ConnectionProfiles(this.#deps.profiles);
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

  #observe(connection: SocketConnection, target: SocketAddress, tls: ClientTls, policy: ServerPolicy): void {
    const source = rendered.get(policy.meta, `source ${pathKey(target, tls)}`, () =>
      labels(
        [
          ['direction', 'inbound'],
          ['peer', 'src'],
        ],
        targetLabels(target),
        tlsLabels(tls),
        serverLabels(policy.meta, target.port),
      ),
    );
    connection.observe(this.#deps.transport.open(source));
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

const rendered = new RenderedLabels();

/** What tells the labels of connections apart below one policy. */
function pathKey(target: SocketAddress, tls: ClientTls): string {
  const how = tls.kind === 'mutual' ? tls.id : tls.kind === 'opaque' ? tls.sni : tls.reason;
  return `${target.ip} ${target.port} ${tls.kind} ${how}`;
}

function allowKey({ meta }: Authorization): string {
  return `allow ${meta.group} ${meta.kind} ${meta.name}`;
}

const localLabels = labels([
  ['direction', 'inbound'],
  ['peer', 'dst'],
  ['tls', 'no_identity'],
  ['no_tls_reason', 'loopback'],
]);

function noTls({ peer }: SocketConnection): ClientTls {
  return { kind: 'none', reason: isLoopback(peer.ip) ? 'loopback' : 'no_tls_from_remote' };
}

function mutual(id: string | null): ClientTls {
  return { kind: 'mutual', id, idKind: id === null ? null : id.includes('://') ? 'uri' : 'dns' };
}

function versionOf(found: DetectedHttp): LocalVersion | null {
  return found === 'http1' || found === 'http2' ? found : null;
}

function clientFields(tls: ClientTls): Record<string, string> {
  if (tls.kind === 'mutual') return { tls: 'true', client_id: tls.id ?? '' };
  return tls.kind === 'opaque'
    ? { tls: 'opaque', sni: tls.sni }
    : { tls: 'no_identity', no_tls_reason: tls.reason };
}
