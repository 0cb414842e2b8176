import type { ClientTls } from '@weft/policy';
import { grpcListener } from '../grpc/server.ts';
import type { Logger } from '../log/logger.ts';
import type { HandshakeMetrics } from '../metrics/handshakes.ts';
import { type HttpServerOptions, serveHttp } from '../server/serve-http.ts';
import { acceptTls } from '../tls/accept-tls.ts';
import type { Credentials } from '../tls/credentials.ts';
import { detectTls } from '../tls/detect-tls.ts';
import type { HandshakeGate } from '../tls/handshake-gate.ts';
import { formatAddress, isLoopback } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { type ObserveDeps, observe, whyRefused } from './observe.ts';

export interface TapServerDeps extends ObserveDeps {
  /** The name clients put in the SNI to reach this proxy. */
  readonly serverName: string;
  readonly detectTimeoutMs: number;
  /** How long those who may not tap can hold a connection. */
  readonly refusedLingerMs: number;
  readonly credentials: Credentials;
  readonly handshakes: HandshakeGate;
  readonly failedHandshakes: HandshakeMetrics;
  readonly http: HttpServerOptions;
  readonly log: Logger;
}

/** The tap port: gRPC over HTTP/2, for those whose certificate names the one who may. */
export class TapServer {
  readonly #deps: TapServerDeps;

  constructor(deps: TapServerDeps) {
    this.#deps = deps;
  }

  /** Takes a connection to its end. Never rejects. */
  async accept(connection: SocketConnection): Promise<void> {
    const { failedHandshakes, log } = this.#deps;
    try {
      const secured = await this.#secure(connection);
      await this.#serve(secured.connection, secured.tls);
    } catch (error) {
      connection.destroy();
      failedHandshakes.count('inbound', error);
      log.info('Connection closed', { client: formatAddress(connection.peer), error });
    }
  }

  async #serve(connection: SocketConnection, tls: ClientTls): Promise<void> {
    const { allowed, http, refusedLingerMs } = this.#deps;
    const timer =
      whyRefused(tls, allowed) === null ? undefined : setTimeout(() => connection.destroy(), refusedLingerMs);
    try {
      await serveHttp(connection, 'http2', http, grpcListener([observe(this.#deps, tls)]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Plain connections are served, too, so that they are told why they may not tap. */
  async #secure(connection: SocketConnection): Promise<{ connection: SocketConnection; tls: ClientTls }> {
    const { credentials, detectTimeoutMs, handshakes, serverName } = this.#deps;
    const hello = await detectTls(connection, { timeoutMs: detectTimeoutMs });
    if (hello.kind !== 'hello' || hello.sni === null) {
      const reason = isLoopback(connection.peer.ip) ? 'loopback' : 'no_tls_from_remote';
      return { connection, tls: { kind: 'none', reason } };
    }
    if (hello.sni !== serverName) throw new Error(`TLS for ${hello.sni}, not for this proxy`);
    const { connection: secured, clientId } = await acceptTls(connection, credentials, {
      timeoutMs: detectTimeoutMs,
      gate: handshakes,
    });
    return { connection: secured, tls: { kind: 'mutual', id: clientId, idKind: null } };
  }
}
