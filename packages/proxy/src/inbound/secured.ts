import type { ClientTls } from '@weft/policy';
import { acceptTls } from '../tls/accept-tls.ts';
import type { Credentials } from '../tls/credentials.ts';
import { detectTls } from '../tls/detect-tls.ts';
import type { HandshakeGate } from '../tls/handshake-gate.ts';
import { isLoopback } from '../transport/socket-address.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';

export interface SecureDeps {
  readonly credentials: Credentials;
  readonly detectTimeoutMs: number;
  readonly handshakes: HandshakeGate;
  /** The name clients put in the SNI to reach this proxy. */
  readonly serverName: string;
}

/** A connection whose client is known as well as it can be. */
export interface Secured {
  readonly connection: SocketConnection;
  readonly tls: ClientTls;
}

/** Ends TLS that is meant for this proxy, and leaves everything else as it came. */
export async function secure(connection: SocketConnection, deps: SecureDeps): Promise<Secured> {
  const { credentials, detectTimeoutMs, handshakes, serverName } = deps;
  const hello = await detectTls(connection, { timeoutMs: detectTimeoutMs });
  if (hello.kind !== 'hello' || hello.sni === null) return { connection, tls: noTls(connection) };
  if (hello.sni !== serverName) return { connection, tls: { kind: 'opaque', sni: hello.sni } };
  const tls = await acceptTls(connection, credentials, { timeoutMs: detectTimeoutMs, gate: handshakes });
  return { connection: tls.connection, tls: mutual(tls.clientId) };
}

export function mutual(id: string | null): ClientTls {
  return { kind: 'mutual', id, idKind: id === null ? null : id.includes('://') ? 'uri' : 'dns' };
}

function noTls({ peer }: SocketConnection): ClientTls {
  return { kind: 'none', reason: isLoopback(peer.ip) ? 'loopback' : 'no_tls_from_remote' };
}

/** What a line of the log says of a client. */
export function clientFields(tls: ClientTls): Record<string, string> {
  if (tls.kind === 'mutual') return { tls: 'true', client_id: tls.id ?? '' };
  return tls.kind === 'opaque'
    ? { tls: 'opaque', sni: tls.sni }
    : { tls: 'no_identity', no_tls_reason: tls.reason };
}
