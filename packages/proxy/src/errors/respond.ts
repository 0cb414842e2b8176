import { getHeader } from '../http/headers.ts';
import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { ProxyError, ProxyErrorCode } from './proxy-error.ts';

interface Shape {
  readonly status: number;
  readonly grpc: number;
  /** The client's connection is closed gracefully after the answer. */
  readonly close: boolean;
}

const shapes: Record<ProxyErrorCode, Shape> = {
  'fail-fast': { status: 504, grpc: 4, close: true },
  'load-shed': { status: 503, grpc: 14, close: true },
  'connect-timeout': { status: 504, grpc: 4, close: true },
  'response-timeout': { status: 504, grpc: 4, close: false },
  'profile-timeout': { status: 504, grpc: 4, close: true },
  io: { status: 502, grpc: 14, close: true },
  reset: { status: 502, grpc: 14, close: true },
  loop: { status: 500, grpc: 13, close: true },
  'identity-required': { status: 502, grpc: 14, close: true },
  'dispatch-failed': { status: 502, grpc: 14, close: true },
  'no-route': { status: 404, grpc: 5, close: false },
  redirect: { status: 301, grpc: 5, close: false },
  'invalid-redirect': { status: 500, grpc: 13, close: true },
  injected: { status: 500, grpc: 9, close: false },
  'injected-grpc': { status: 200, grpc: 13, close: false },
  unauthorized: { status: 403, grpc: 7, close: false },
  'rate-limited': { status: 429, grpc: 8, close: false },
  'invalid-policy': { status: 500, grpc: 13, close: true },
  'gateway-loop': { status: 508, grpc: 10, close: true },
  'gateway-domain': { status: 404, grpc: 5, close: false },
  'bad-request': { status: 400, grpc: 13, close: true },
  unexpected: { status: 500, grpc: 13, close: true },
};

export interface SynthesizedResponse {
  readonly head: ResponseHead;
  readonly close: boolean;
}

export function isGrpc(request: RequestHead): boolean {
  return (
    request.version === '2' &&
    (getHeader(request.headers, 'content-type')?.startsWith('application/grpc') ?? false)
  );
}

/** The connection to the endpoint could not be had, or broke. */
export const isOfConnection = ({ code }: ProxyError): boolean => code === 'io' || code === 'connect-timeout';

export function grpcCodeOf(error: ProxyError): number {
  return error.code === 'injected-grpc' ? (error.details.status ?? 2) : shapes[error.code].grpc;
}

/** The text shown to peers; what a header cannot carry is not shown at all. */
export function errorHeaderText(error: ProxyError): string {
  const text = error.chain;
  return /^[\x20-\x7e\x80-\xff]*$/.test(text) ? text : 'unexpected error';
}

/**
 * The answer that a failure becomes. `informational`: whether this peer may be told the reason
 * (`l5d-proxy-error`, `l5d-proxy-connection`). `upgraded`: the request came as HTTP/1 inside HTTP/2.
 */
export function synthesize(
  error: ProxyError,
  request: RequestHead,
  informational: boolean,
  upgraded = false,
): SynthesizedResponse {
  const shape = shapes[error.code];
  const headers: HeaderList = [];
  let status = shape.status;
  if (isGrpc(request) && !upgraded) {
    status = 200;
    headers.push('content-type', 'application/grpc', 'grpc-status', String(grpcCodeOf(error)));
    if (informational) headers.push('grpc-message', percentEncode(errorHeaderText(error)));
  } else if (error.code === 'redirect' || error.code === 'injected') {
    status = error.details.status ?? shape.status;
  }
  headers.push('content-length', '0');
  if (error.details.location !== undefined) headers.push('location', error.details.location);
  if (informational) {
    headers.push('l5d-proxy-error', errorHeaderText(error));
    if (shape.close) headers.push('l5d-proxy-connection', 'close');
  }
  if (shape.close && request.version === '1.1' && !upgraded) headers.push('connection', 'close');
  return { head: { status, version: request.version, headers, contentLength: 0 }, close: shape.close };
}

/** grpc-message is percent-encoded (gRPC over HTTP/2, "Responses"). */
export function percentEncode(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]/g, (c) =>
    [...Buffer.from(c)].map((b) => `%${b.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
