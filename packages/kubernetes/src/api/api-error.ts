/** What went wrong between this process and the API server, as callers tell it apart. */
export type ApiErrorCode =
  /** No answer: refused, reset, unknown host, failed handshake. */
  | 'unreachable'
  /** Silence for longer than the request allows. */
  | 'timeout'
  /** Too many requests wait in this process already; or the server said 429. */
  | 'overloaded'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  /** Another writer was first, or the object exists. */
  | 'conflict'
  /** The resource version, or the place in a list, is too old to go on from. */
  | 'expired'
  /** Any other 4xx: the request itself is wrong. */
  | 'rejected'
  /** 5xx. */
  | 'server_error'
  /** An answer that is not what the Kubernetes API says it is. */
  | 'malformed';

export interface ApiErrorData {
  /** `GET /api/v1/pods` */
  readonly target: string;
  readonly status?: number;
  /** The machine-readable `reason` of the server's Status: `NotFound`, `Expired`, … */
  readonly reason?: string;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** A request to the API server that failed. The message names the request and what the server said. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly data: ApiErrorData;

  constructor(code: ApiErrorCode, problem: string, data: ApiErrorData, cause?: unknown) {
    super(`${data.target}: ${problem}`, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.code = code;
    this.data = data;
  }
}

const codes: Readonly<Record<number, ApiErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'expired',
  429: 'overloaded',
};

/** The code of an HTTP status that is not 2xx. */
export function codeOfStatus(status: number): ApiErrorCode {
  return codes[status] ?? (status >= 500 ? 'server_error' : 'rejected');
}

/** Whether an error is an `ApiError` of this code. */
export function isApiError(error: unknown, code: ApiErrorCode): error is ApiError {
  return error instanceof ApiError && error.code === code;
}
