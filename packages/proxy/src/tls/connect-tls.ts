import { ConnectError } from '../transport/connect-error.ts';
import type { ConnectSocket } from '../transport/connect-tcp.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { SocketConnection, SocketConnectionOptions } from '../transport/socket-connection.ts';
import type { Credentials } from './credentials.ts';
import { type Handshaken, type HandshakeOptions, handshake, verifyErrorOf } from './handshake.ts';
import { identify, type PeerIdentity } from './peer-identity.ts';
import { Resumption } from './resumption.ts';
import { hasIdentity } from './subject-names.ts';
import type { TlsConnection } from './tls-connection.ts';
import { certificateError, TlsError } from './tls-error.ts';

export interface ConnectTlsOptions extends SocketConnectionOptions {
  /** Bound of the whole, opening the connection below included. */
  readonly timeoutMs: number;
  /** The DNS name or URI that must be among the server's subject alternative names. */
  readonly serverId: string;
  /** Sent as SNI; not compared with anything. */
  readonly serverName: string;
  /** Goes on with the session of an earlier connection where that is as good as a proof. Not unless told. */
  readonly resume?: boolean;
  /** Offered to the server; none unless told. */
  readonly alpn?: string | undefined;
}

/** Opens TLS connections to one target. Rejects with a `ConnectError`, or the signal's reason. */
export type ConnectTls = (signal: AbortSignal) => Promise<TlsConnection>;

/** Lays mutual TLS over what `connect` opens. This side's certificate is shown if there is one by then. */
export function connectTls(
  connect: ConnectSocket,
  credentials: Credentials,
  options: ConnectTlsOptions,
): ConnectTls {
  const resumption = options.resume ? new Resumption(credentials) : null;
  return async (signal) => {
    const deadline = performance.now() + options.timeoutMs;
    const tcp = await connect(signal);
    const timeoutMs = Math.max(1, deadline - performance.now());
    try {
      return await secure(tcp, credentials, options, { timeoutMs, signal }, resumption);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const code = error instanceof TlsError && error.code === 'timeout' ? 'timeout' : 'tls';
      throw new ConnectError(code, tcp.peer, error instanceof Error ? error.message : String(error), error);
    }
  };
}

async function secure(
  tcp: SocketConnection,
  credentials: Credentials,
  options: ConnectTlsOptions,
  bounds: HandshakeOptions,
  resumption: Resumption | null,
): Promise<TlsConnection> {
  const { serverName, alpn } = options;
  const { secureContext } = credentials;
  const session = resumption?.offer(secureContext) ?? null;
  const fresh = resumption?.begin(secureContext);
  const setup = { isServer: false, secureContext, serverName, alpn, session, onSession: fresh?.onSession };
  const done = await handshake(tcp, setup, { ...options, ...bounds });
  if (session !== null && !done.resumed) resumption?.forget();
  try {
    const { until } = checkServer(done, tcp.peer, options.serverId, credentials);
    if (!done.resumed) fresh?.verified(until);
    return { alpn: done.alpn, resumed: done.resumed, connection: done.connection };
  } catch (error) {
    resumption?.forget();
    done.connection.destroy();
    throw error;
  }
}

function checkServer(
  server: Handshaken,
  peer: SocketAddress,
  serverId: string,
  credentials: Credentials,
): PeerIdentity {
  const verifyError = verifyErrorOf(server.tls);
  if (verifyError !== null) throw certificateError(peer, verifyError);
  const identity = identify(server, credentials);
  const names = identity?.names ?? [];
  if (identity !== null && hasIdentity(names, serverId)) return identity;
  const found = names.map(({ name }) => name).join(', ') || 'nobody';
  throw new TlsError('identity', peer, `expected ${serverId}, the certificate is of ${found}`);
}
