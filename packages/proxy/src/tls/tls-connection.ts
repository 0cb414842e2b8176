import type { SocketConnection } from '../transport/socket-connection.ts';

/** A connection whose TLS handshake is over. */
export interface TlsConnection {
  readonly connection: SocketConnection;
  /** The protocol agreed on by ALPN; null when none was. */
  readonly alpn: string | null;
  /** Whether it goes on with a session in which both sides had proved who they are. */
  readonly resumed: boolean;
}

/** ALPN of connections that begin with a transport header. */
export const TRANSPORT_ALPN = 'transport.l5d.io/v1';
