import { ConnectError } from '../transport/connect-error.ts';
import type { ConnectSocket } from '../transport/connect-tcp.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { TlsHandle } from '../transport/handles.ts';
import type { SocketConnection, SocketConnectionOptions } from '../transport/socket-connection.ts';
import type { Credentials } from './credentials.ts';
import { type HandshakeOptions, handshake, verifyErrorOf } from './handshake.ts';
import { namesOfPeer } from './peer-identity.ts';
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
  return async (signal) => {
    const deadline = performance.now() + options.timeoutMs;
    const tcp = await connect(signal);
    const timeoutMs = Math.max(1, deadline - performance.now());
    try {
      return await secure(tcp, credentials, options, { timeoutMs, signal });
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
): Promise<TlsConnection> {
  const { serverName, alpn } = options;
  const setup = { isServer: false, secureContext: credentials.secureContext, serverName, alpn };
  const done = await handshake(tcp, setup, { ...options, ...bounds });
  try {
    checkServer(done.tls, tcp.peer, options.serverId, credentials);
    return { alpn: done.alpn, connection: done.connection };
  } catch (error) {
    done.connection.destroy();
    throw error;
  }
}

function checkServer(tls: TlsHandle, peer: SocketAddress, serverId: string, credentials: Credentials): void {
  const verifyError = verifyErrorOf(tls);
  if (verifyError !== null) throw certificateError(peer, verifyError);
  const names = namesOfPeer(tls, credentials) ?? [];
  if (hasIdentity(names, serverId)) return;
  const found = names.map(({ name }) => name).join(', ') || 'nobody';
  throw new TlsError('identity', peer, `expected ${serverId}, the certificate is of ${found}`);
}
