import type { SocketAddress } from './connection.ts';
import { formatAddress } from './socket-address.ts';

/**
 * Why a connection could not be opened. `loopback` and `inbound-loop` are refused before trying, because
 * the proxy would talk to itself; `tls` has the handshake's error as its cause.
 */
export type ConnectErrorCode =
  | 'timeout'
  | 'refused'
  | 'unreachable'
  | 'loopback'
  | 'inbound-loop'
  | 'tls'
  | 'io';

export class ConnectError extends Error {
  readonly code: ConnectErrorCode;
  readonly target: SocketAddress;

  constructor(code: ConnectErrorCode, target: SocketAddress, reason: string, cause?: unknown) {
    super(`connect to ${formatAddress(target)}: ${reason}`, cause === undefined ? {} : { cause });
    this.name = 'ConnectError';
    this.code = code;
    this.target = target;
  }
}

const CODES: Record<string, ConnectErrorCode> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
};

const REASONS: Partial<Record<ConnectErrorCode, string>> = {
  refused: 'connection refused',
  timeout: 'connect timed out',
  unreachable: 'no route to the host',
};

/** Gives a failed connect(2) its code. */
export function connectErrorOf(target: SocketAddress, error: NodeJS.ErrnoException): ConnectError {
  const code = CODES[error.code ?? ''] ?? 'io';
  return new ConnectError(code, target, REASONS[code] ?? error.message, error);
}
