import type { TlsHandle } from '../transport/handles.ts';
import type { Credentials } from './credentials.ts';
import { peerCertificate, peerCertificateDer } from './peer-certificate.ts';
import { peerNames } from './peer-names.ts';
import { type SubjectName, subjectNames } from './subject-names.ts';

/** Certificates whose names are remembered: a few for each workload that is spoken with. */
const MAX_KNOWN = 512;

/** Names by certificate, as text of one character for each byte; the one that came first is forgotten first. */
const known = new Map<string, readonly SubjectName[]>();

/**
 * The names by which the peer may go, given that the handshake has proved its possession of the key and verified its
 * chain; null when it has shown no certificate. Throws `DerError`.
 */
export function namesOfPeer(tls: TlsHandle, credentials: Credentials): readonly SubjectName[] | null {
  const der = peerCertificateDer(tls);
  if (der === null) return null;
  // What a certificate may be used for depends on where its chain leads as soon as there are several answers.
  return credentials.bundle === null ? namesIn(der) : peerNames(peerCertificate(tls), credentials);
}

function namesIn(der: Buffer): readonly SubjectName[] {
  const key = der.toString('latin1');
  let names = known.get(key);
  if (names !== undefined) return names;
  names = subjectNames(der);
  if (known.size >= MAX_KNOWN) for (const oldest of known.keys()) if (known.delete(oldest)) break;
  known.set(key, names);
  return names;
}
