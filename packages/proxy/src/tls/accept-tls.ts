import type { TLSSocket } from 'node:tls';
import type { SocketAddress } from '../transport/connection.ts';
import { SocketConnection, type SocketConnectionOptions } from '../transport/socket-connection.ts';
import type { Credentials } from './credentials.ts';
import { encodeAlpn, type HandshakeOptions, handshake, verifyErrorOf } from './handshake.ts';
import { peerNames } from './peer-names.ts';
import type { TlsConnection } from './tls-connection.ts';
import { certificateError, TlsError } from './tls-error.ts';

export interface AcceptTlsOptions extends HandshakeOptions, SocketConnectionOptions {
  /** Offered to clients that ask for a protocol; none is negotiated without it. */
  readonly alpn?: string | undefined;
}

export interface AcceptedTls extends TlsConnection {
  /** Null when the client showed no certificate, or one without a name. */
  readonly clientId: string | null;
}

/**
 * Ends TLS on a parked connection (see `detectTls`), which is used up by it. A client may come without a
 * certificate; one that does not lead to the anchors is refused. Rejects with a `TlsError`.
 */
export async function acceptTls(
  connection: SocketConnection,
  credentials: Credentials,
  options: AcceptTlsOptions,
): Promise<AcceptedTls> {
  const { peer } = connection;
  if (credentials.certified === null) {
    connection.destroy();
    throw new TlsError('no-certificate', peer, 'this proxy has no certificate yet');
  }
  if (connection.closed) throw new TlsError('closed', peer, 'closed by the peer');
  const setup = {
    isServer: true,
    secureContext: credentials.secureContext,
    ...(options.alpn === undefined ? {} : { ALPNProtocols: encodeAlpn(options.alpn) }),
  };
  const socket = await handshake(connection.detach(), peer, setup, options);
  try {
    return {
      clientId: clientIdOf(socket, peer, credentials),
      alpn: socket.alpnProtocol || null,
      connection: new SocketConnection(socket, { ...options, gather: 'join' }),
    };
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}

/** Throws a `TlsError` when there is a certificate that does not verify. */
function clientIdOf(socket: TLSSocket, peer: SocketAddress, credentials: Credentials): string | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const verifyError = verifyErrorOf(socket);
  if (verifyError !== null) throw certificateError(peer, verifyError);
  try {
    return peerNames(certificate, credentials)[0]?.name ?? null;
  } catch (error) {
    throw new TlsError('untrusted', peer, "the peer's certificate cannot be read", error);
  }
}
