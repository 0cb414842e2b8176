import { status } from '@grpc/grpc-js';
import type { Logger } from '../log/logger.ts';
import { type ErrorCode, ServiceError } from '../service-error.ts';

const statusOf: Record<ErrorCode, status> = {
  invalid_argument: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  failed_precondition: status.FAILED_PRECONDITION,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  unimplemented: status.UNIMPLEMENTED,
  unavailable: status.UNAVAILABLE,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  cancelled: status.CANCELLED,
  unknown: status.UNKNOWN,
  internal: status.INTERNAL,
};

/** Names as go-grpc-prometheus writes them into `grpc_code`. */
const codeNames: Record<status, string> = {
  [status.OK]: 'OK',
  [status.CANCELLED]: 'Canceled',
  [status.UNKNOWN]: 'Unknown',
  [status.INVALID_ARGUMENT]: 'InvalidArgument',
  [status.DEADLINE_EXCEEDED]: 'DeadlineExceeded',
  [status.NOT_FOUND]: 'NotFound',
  [status.ALREADY_EXISTS]: 'AlreadyExists',
  [status.PERMISSION_DENIED]: 'PermissionDenied',
  [status.RESOURCE_EXHAUSTED]: 'ResourceExhausted',
  [status.FAILED_PRECONDITION]: 'FailedPrecondition',
  [status.ABORTED]: 'Aborted',
  [status.OUT_OF_RANGE]: 'OutOfRange',
  [status.UNIMPLEMENTED]: 'Unimplemented',
  [status.INTERNAL]: 'Internal',
  [status.UNAVAILABLE]: 'Unavailable',
  [status.DATA_LOSS]: 'DataLoss',
  [status.UNAUTHENTICATED]: 'Unauthenticated',
};

export interface GrpcStatus {
  readonly code: status;
  readonly details: string;
}

export const okStatus: GrpcStatus = { code: status.OK, details: 'OK' };

/** The one place where errors become gRPC statuses. The text of an unexpected error stays in the log. */
export function toGrpcStatus(error: unknown): GrpcStatus {
  if (error instanceof ServiceError) return { code: statusOf[error.code], details: error.message };
  return { code: status.INTERNAL, details: 'internal error' };
}

export function statusName(code: status): string {
  return codeNames[code];
}

/** Unexpected errors are the service's own fault and logged as such; the others are a peer's and logged for debugging. */
export function logFailure(logger: Logger, peer: string, error: unknown): void {
  if (error instanceof ServiceError && error.code !== 'internal' && error.code !== 'unknown') {
    logger.debug('call refused', { peer, code: error.code, error, ...error.data });
  } else logger.error('call failed', { peer, error, ...(error instanceof ServiceError ? error.data : {}) });
}

/** What a server answered, as the error it stands for. */
export function fromGrpcError(error: unknown): Error {
  if (!(error instanceof Error) || !('code' in error) || !('details' in error)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const code = Object.entries(statusOf).find(([, number]) => number === error.code)?.[0] ?? 'unknown';
  return new ServiceError(code as ErrorCode, String(error.details), { cause: error });
}
