import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type DetailedPeerCertificate } from 'node:tls';

/** How long a handshake may take, in ms. */
const HANDSHAKE_MS = 10_000;

/**
 * The certificates that a server shows for a name, its own first. Nothing about them is verified: they are to
 * be looked at, above all where something is wrong about them. The connection is closed.
 */
export async function peerCertificates(connection: Duplex, serverName: string): Promise<X509Certificate[]> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const tls = connect({
    socket: connection,
    ...(isIP(serverName) === 0 && { servername: serverName }),
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
  });
  const timer = setTimeout(() => tls.destroy(new Error('the TLS handshake took too long')), HANDSHAKE_MS);
  tls.once('secureConnect', resolve);
  tls.on('error', reject);
  tls.once('close', () =>
    reject(new Error(`the connection was closed during the TLS handshake for ${serverName}`)),
  );
  try {
    await promise;
    return chainOf(tls.getPeerCertificate(true));
  } finally {
    clearTimeout(timer);
    tls.destroy();
    connection.destroy();
  }
}

function chainOf(first: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set<string>();
  let current: DetailedPeerCertificate | undefined = first;
  while (current?.raw !== undefined && !seen.has(current.fingerprint256)) {
    seen.add(current.fingerprint256);
    chain.push(new X509Certificate(current.raw));
    current = current.issuerCertificate;
  }
  return chain;
}
