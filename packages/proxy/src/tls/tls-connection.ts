import type { SocketConnection } from '../transport/socket-connection.ts';

/** A connection whose TLS handshake is over. */
export interface TlsConnection {
  readonly connection: SocketConnection;
  /** The protocol agreed on by ALPN; null when none was. */
  readonly alpn: string | null;
}

/** ALPN of connections that begin with a transport header. */
export const TRANSPORT_ALPN = 'transport.l5d.io/v1';
