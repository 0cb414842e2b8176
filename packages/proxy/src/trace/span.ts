import { getHeader } from '../http/headers.ts';
import type { RequestHead } from '../http/message.ts';

export type SpanKind = 'server' | 'client';
export type Direction = 'inbound' | 'outbound';

/** A stretch of a request's way, from when it was taken on until the head of its response. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly kind: SpanKind;
  readonly direction: Direction;
  readonly request: SpannedRequest;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  endedAt: number;
  /** Of the response; null where there was none. */
  status: number | null;
}

/** What a span tells of its request; texts are cut to a bound. */
export interface SpannedRequest {
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  /** With the query. */
  readonly path: string;
  readonly forwardedHost: string;
  readonly host: string;
  readonly userAgent: string;
  readonly contentLength: string;
  readonly contentType: string;
  readonly origProto: string;
}

/** Characters of a text that are kept: spans wait in memory. */
const MOST = 1024;

/** Taken before the request is changed. */
export function describeRequest({ authority, headers, method, path, scheme }: RequestHead): SpannedRequest {
  const field = (name: string) => cut(getHeader(headers, name) ?? '');
  return {
    method: cut(method),
    scheme,
    authority: cut(authority ?? ''),
    path: cut(path),
    forwardedHost: field('x-forwarded-host'),
    host: field('host'),
    userAgent: field('user-agent'),
    contentLength: field('content-length'),
    contentType: field('content-type'),
    origProto: field('l5d-orig-proto'),
  };
}

const cut = (text: string): string => (text.length <= MOST ? text : text.slice(0, MOST));
