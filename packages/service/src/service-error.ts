/** The kinds of failure a service reports; each has one gRPC status (see grpc/status.ts). */
export type ErrorCode =
  | 'invalid_argument'
  | 'not_found'
  | 'failed_precondition'
  | 'unauthenticated'
  | 'permission_denied'
  | 'resource_exhausted'
  | 'unimplemented'
  | 'unavailable'
  | 'deadline_exceeded'
  | 'cancelled'
  | 'unknown'
  | 'internal';

/** Facts that belong to an error: what was asked, of whom. Never keys or tokens. */
export type ErrorData = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * An error whose message may be shown to the peer. Anything else that a handler throws reaches the peer
 * as `internal` without its text.
 */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, options: { data?: ErrorData; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ServiceError';
    this.code = code;
    this.data = options.data ?? {};
  }
}
