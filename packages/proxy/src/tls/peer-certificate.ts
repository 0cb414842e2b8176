import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { TlsHandle } from '../transport/handles.ts';
import { DerError, derValues } from './der-reader.ts';

/** A bound on how far up the chain of a peer is followed. */
const MAX_INTERMEDIATES = 10;

/** `[3]` of OpenSSL's SSL_SESSION: the peer's certificate. */
const PEER = 0xa3;

/**
 * The DER of the certificate that the peer has shown; null when it has shown none. It is taken out of the session,
 * since an X509Certificate, for which Node decodes the certificate and all above it once more, costs a tenth of a
 * handshake.
 */
export function peerCertificateDer(tls: TlsHandle): Buffer | null {
  if (!tls.hasPeerCertificate()) return null;
  const session = tls.getSession();
  try {
    return (session === undefined ? null : certificateIn(session)) ?? peerCertificate(tls).raw;
  } finally {
    // It holds the secrets of the connection, too.
    session?.fill(0);
  }
}

/** The certificate with what the peer sent above it. There has to be one. */
export function peerCertificate(tls: TlsHandle): X509Certificate {
  const certificate = TLSSocket.prototype.getPeerX509Certificate.call({
    _handle: tls,
  } as unknown as TLSSocket);
  if (certificate === undefined) throw new Error('the peer has shown no certificate');
  return certificate;
}

/** What the peer sent above its leaf. */
export function issuersOf(leaf: X509Certificate): X509Certificate[] {
  const intermediates: X509Certificate[] = [];
  let next = leaf.issuerCertificate;
  while (next !== undefined && intermediates.length < MAX_INTERMEDIATES) {
    intermediates.push(next);
    next = next.issuerCertificate;
  }
  return intermediates;
}

function certificateIn(session: Buffer): Buffer | null {
  try {
    const [outer] = derValues(session);
    if (outer === undefined) return null;
    const peer = derValues(outer.content).find(({ tag }) => tag === PEER);
    return peer === undefined ? null : Buffer.from(peer.content);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}
