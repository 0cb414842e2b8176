import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';

/**
 * Why a handshake came to nothing. `displaced`: too many were under way and this was the oldest.
 * `untrusted`: the peer's chain does not lead to the trust anchors. `expired`: it does, at another time.
 * `identity`: the peer is somebody else. `protocol`: what was spoken is not TLS 1.3 as the mesh speaks it.
 */
export type TlsErrorCode =
  | 'timeout'
  | 'closed'
  | 'aborted'
  | 'displaced'
  | 'no-certificate'
  | 'untrusted'
  | 'expired'
  | 'identity'
  | 'protocol';

export class TlsError extends Error {
  readonly code: TlsErrorCode;
  readonly peer: SocketAddress;

  constructor(code: TlsErrorCode, peer: SocketAddress, reason: string, cause?: unknown) {
    super(`TLS handshake with ${formatAddress(peer)}: ${reason}`, cause === undefined ? {} : { cause });
    this.name = 'TlsError';
    this.code = code;
    this.peer = peer;
  }
}

/** OpenSSL's names of "right chain, wrong time". */
const WRONG_TIME = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** Says what OpenSSL found wrong with a peer's certificate. */
export function certificateError(peer: SocketAddress, verifyCode: string): TlsError {
  const code = WRONG_TIME.has(verifyCode) ? 'expired' : 'untrusted';
  return new TlsError(code, peer, `the peer's certificate is refused (${verifyCode})`);
}
