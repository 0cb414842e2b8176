import { X509Certificate } from 'node:crypto';
import type { Credentials } from './credentials.ts';
import type { Handshaken } from './handshake.ts';
import { issuersOf, peerCertificate, peerCertificateDer } from './peer-certificate.ts';
import { peerNames } from './peer-names.ts';
import { type SubjectName, subjectNames } from './subject-names.ts';

/** Whom a peer has proved to be, given that its chain is verified. */
export interface PeerIdentity {
  readonly names: readonly SubjectName[];
  /** End of its certificate, epoch ms. */
  readonly until: number;
}

interface KnownPeer extends PeerIdentity {
  /** When the first of the certificates expires that it sent above its own; infinite without any. */
  readonly issuersUntil: number;
}

/** Certificates that are remembered: a few for each workload that is spoken with. */
const MAX_KNOWN = 512;

/** By certificate, as text of one character for each byte; the one that came first is forgotten first. */
const known = new Map<string, KnownPeer>();

/** What the peer's certificate says; null when it has shown none. Throws `DerError`. */
export function identify(peer: Handshaken, credentials: Credentials): PeerIdentity | null {
  const der = peerCertificateDer(peer.tls);
  if (der === null) return null;
  // Whose names a certificate may have depends on where its chain leads as soon as there are several answers.
  if (!credentials.resumable) {
    const certificate = peerCertificate(peer.tls);
    return { names: peerNames(certificate, credentials), until: endOf(certificate) };
  }
  const key = der.toString('latin1');
  let identity = known.get(key);
  if (identity === undefined) {
    identity = read(peer, der);
    // Of a resumed session the issuers are not known; they were taken into account when it began.
    if (!peer.resumed) remember(key, identity, credentials.now());
  }
  if (!peer.resumed) credentials.limitSessions(identity.issuersUntil);
  return identity;
}

function read({ tls, resumed }: Handshaken, der: Buffer): KnownPeer {
  const certificate = resumed ? new X509Certificate(der) : peerCertificate(tls);
  const issuersUntil = Math.min(...issuersOf(certificate).map(endOf));
  return { names: subjectNames(der), until: endOf(certificate), issuersUntil };
}

/** Forgets what has expired meanwhile: where certificates are short-lived there are always new ones. */
function remember(key: string, identity: KnownPeer, now: number): void {
  for (const [oldest, { until }] of known) {
    if (until > now && known.size < MAX_KNOWN) break;
    known.delete(oldest);
  }
  known.set(key, identity);
}

const endOf = ({ validToDate }: X509Certificate): number => validToDate.getTime();
