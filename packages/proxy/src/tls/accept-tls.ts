import type { SocketAddress } from '../transport/connection.ts';
import type { SocketConnection, SocketConnectionOptions } from '../transport/socket-connection.ts';
import type { Credentials } from './credentials.ts';
import { type Handshaken, type HandshakeOptions, handshake, verifyErrorOf } from './handshake.ts';
import { identify, type PeerIdentity } from './peer-identity.ts';
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
    const clientId = clientIdOf(done, peer, credentials);
    return { clientId, alpn: done.alpn, resumed: done.resumed, connection: done.connection };
  } catch (error) {
    done.connection.destroy();
    throw error;
  }
}

/** Throws a `TlsError` when there is a certificate that does not verify. */
function clientIdOf(client: Handshaken, peer: SocketAddress, credentials: Credentials): string | null {
  const verifyError = client.tls.hasPeerCertificate() ? verifyErrorOf(client.tls) : null;
  if (verifyError !== null) throw certificateError(peer, verifyError);
  let identity: PeerIdentity | null;
  try {
    identity = identify(client, credentials);
  } catch (error) {
    throw new TlsError('untrusted', peer, "the peer's certificate cannot be read", error);
  }
  // OpenSSL has looked at the time when the session began.
  if (identity !== null && client.resumed && credentials.now() >= identity.until)
    throw certificateError(peer, 'CERT_HAS_EXPIRED');
  return identity?.names[0]?.name ?? null;
}
