import type { SocketAddress } from '../transport/connection.ts';
import type { TlsHandle } from '../transport/handles.ts';
import type { SocketConnection, SocketConnectionOptions } from '../transport/socket-connection.ts';
import type { Credentials } from './credentials.ts';
import { type HandshakeOptions, handshake, verifyErrorOf } from './handshake.ts';
import { namesOfPeer } from './peer-identity.ts';
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
  const setup = { isServer: true, secureContext: credentials.secureContext, alpn: options.alpn };
  const done = await handshake(connection, setup, options);
  try {
    const clientId = clientIdOf(done.tls, peer, credentials);
    return { clientId, alpn: done.alpn, connection: done.connection };
  } catch (error) {
    done.connection.destroy();
    throw error;
  }
}

/** Throws a `TlsError` when there is a certificate that does not verify. */
function clientIdOf(tls: TlsHandle, peer: SocketAddress, credentials: Credentials): string | null {
  const verifyError = tls.hasPeerCertificate() ? verifyErrorOf(tls) : null;
  if (verifyError !== null) throw certificateError(peer, verifyError);
  try {
    return namesOfPeer(tls, credentials)?.[0]?.name ?? null;
  } catch (error) {
    throw new TlsError('untrusted', peer, "the peer's certificate cannot be read", error);
  }
}
