import { getHeader } from '../http/headers.ts';
import type { HeaderList } from '../http/message.ts';
import type { StreamReset } from '../http/stream.ts';
import { ErrorCode } from '../http2/error-code.ts';

/** How a call ended. */
export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
}

export const StatusCode = {
  Ok: 0,
  Cancelled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  Unauthenticated: 16,
} as const;

/** A call that did not end with OK. */
export class GrpcError extends Error {
  readonly code: number;

  constructor({ code, message }: GrpcStatus) {
    super(message);
    this.name = 'GrpcError';
    this.code = code;
  }
}

/** The status in a block of fields; null when there is none. */
export function statusIn(headers: HeaderList): GrpcStatus | null {
  const code = getHeader(headers, 'grpc-status');
  if (code === undefined || !/^\d{1,3}$/.test(code)) return null;
  return { code: Number(code), message: percentDecode(getHeader(headers, 'grpc-message') ?? '') };
}

/** The status of a response that is not gRPC at all (gRPC over HTTP/2, "HTTP to gRPC status"). */
export function statusOfHttp(httpStatus: number): GrpcStatus {
  const message = `HTTP status ${httpStatus} instead of a gRPC answer`;
  switch (httpStatus) {
    case 400:
      return { code: StatusCode.Internal, message };
    case 401:
      return { code: StatusCode.Unauthenticated, message };
    case 403:
      return { code: StatusCode.PermissionDenied, message };
    case 404:
      return { code: StatusCode.Unimplemented, message };
    case 429:
    case 502:
    case 503:
    case 504:
      return { code: StatusCode.Unavailable, message };
    default:
      return { code: StatusCode.Unknown, message };
  }
}

export function statusOfReset(reset: StreamReset): GrpcStatus {
  switch (reset.kind) {
    case 'io':
      return { code: StatusCode.Unavailable, message: reset.error.message };
    case 'protocol':
      return { code: StatusCode.Internal, message: reset.reason };
    case 'reset':
      return { code: codeOfReset(reset.code), message: `stream reset with HTTP/2 error ${reset.code}` };
  }
}

function codeOfReset(code: number): number {
  switch (code) {
    case ErrorCode.RefusedStream:
      return StatusCode.Unavailable;
    case ErrorCode.Cancel:
      return StatusCode.Cancelled;
    case ErrorCode.EnhanceYourCalm:
      return StatusCode.ResourceExhausted;
    case ErrorCode.InadequateSecurity:
      return StatusCode.PermissionDenied;
    default:
      return StatusCode.Internal;
  }
}

function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
