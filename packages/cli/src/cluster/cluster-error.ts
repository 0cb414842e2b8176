export type ClusterErrorCode =
  /** No usable kubeconfig. */
  | 'no_configuration'
  /** No answer from the API server. */
  | 'unreachable'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  /** Any other refusal. */
  | 'rejected'
  | 'server_error'
  /** A connection to a pod that could not be made. */
  | 'forwarding';

/** The API server, or a way to it, that failed. The message names the request and what the server said. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly code: ClusterErrorCode;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(code: ClusterErrorCode, message: string, details: { status?: number; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
  }
}

const CODES: Readonly<Record<number, ClusterErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
};

export function clusterErrorOf(status: number, target: string, message: string): ClusterError {
  const code = CODES[status] ?? (status >= 500 ? 'server_error' : 'rejected');
  return new ClusterError(code, `${target}: ${message === '' ? `status ${status}` : message}`, { status });
}

/** Whether an error is a `ClusterError` of this code. */
export function isClusterError(error: unknown, code: ClusterErrorCode): error is ClusterError {
  return error instanceof ClusterError && error.code === code;
}
