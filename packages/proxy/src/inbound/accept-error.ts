import { TlsError } from '../tls/tls-error.ts';
import { ConnectError } from '../transport/connect-error.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { PeekError } from '../transport/peek.ts';
import { formatAddress } from '../transport/socket-address.ts';

export type AcceptErrorCode =
  | 'not-own-address'
  | 'not-mesh-tls'
  | 'not-http'
  | 'no-header'
  | 'no-gateway'
  | 'no-longer-allowed';

/** Why an inbound connection was turned away. */
export class AcceptError extends Error {
  readonly code: AcceptErrorCode;
  readonly target: SocketAddress;

  constructor(code: AcceptErrorCode, target: SocketAddress, reason: string) {
    super(`connection to ${formatAddress(target)}: ${reason}`);
    this.name = 'AcceptError';
    this.code = code;
    this.target = target;
  }
}

/** The `error` label of inbound_tcp_errors_total. */
export function acceptErrorLabel(error: unknown): string {
  if (error instanceof PeekError && error.code === 'timeout') return 'tls detection timeout';
  if (error instanceof AcceptError && error.code === 'no-gateway') return 'gateway domain invalid';
  return error instanceof ConnectError ? 'i/o' : 'unexpected';
}

/** A client that left before it said anything is no error: port checks do that. */
export function isQuietClose(error: unknown): boolean {
  if (error instanceof PeekError) return error.code !== 'timeout';
  return error instanceof TlsError && error.code === 'closed';
}
