import type { ConnectionFilter } from '@weft/policy';
import { ConnectError } from '../transport/connect-error.ts';
import type { CloseError } from './connection-metrics.ts';
import type { LogicalTarget } from './logical-target.ts';

export type ConnectionRouteErrorCode =
  | 'no-server-name'
  | 'no-route'
  | 'forbidden'
  | 'invalid-backend'
  | 'invalid-policy'
  | 'no-backend'
  | 'fail-fast'
  | 'no-endpoint'
  | 'queue-full'
  | 'failed';

/** Why a connection that is not taken apart was not carried on. */
export class ConnectionRouteError extends Error {
  readonly code: ConnectionRouteErrorCode;

  constructor(code: ConnectionRouteErrorCode, target: LogicalTarget, reason: string) {
    super(`logical service ${target.name}: ${reason}`);
    this.name = 'ConnectionRouteError';
    this.code = code;
  }
}

/** Throws when a route or a backend has filters: all that they can do is refuse. */
export function refuseByFilter(target: LogicalTarget, [filter]: readonly ConnectionFilter[]): void {
  switch (filter?.kind) {
    case undefined:
      return;
    case 'forbidden':
      throw new ConnectionRouteError('forbidden', target, 'forbidden by policy');
    case 'invalid':
      throw new ConnectionRouteError('invalid-backend', target, `invalid backend: ${filter.message}`);
    case 'unknown':
      throw new ConnectionRouteError('invalid-policy', target, 'invalid policy');
  }
}

/** The `error` label of outbound_tcp_errors_total. */
export function tcpErrorLabel(error: unknown): string {
  if (error instanceof ConnectError) return 'i/o';
  if (!(error instanceof ConnectionRouteError)) return 'unexpected';
  switch (error.code) {
    case 'fail-fast':
      return 'failfast';
    case 'no-backend':
    case 'queue-full':
      return 'loadshed';
    default:
      return 'unexpected';
  }
}

/** The `error` label of the route's closed connections. */
export function closeErrorOf(error: unknown): CloseError {
  if (!(error instanceof ConnectionRouteError)) return 'unexpected';
  switch (error.code) {
    case 'forbidden':
      return 'forbidden';
    case 'invalid-backend':
      return 'invalid_backend';
    case 'invalid-policy':
      return 'invalid_policy';
    default:
      return 'unexpected';
  }
}
