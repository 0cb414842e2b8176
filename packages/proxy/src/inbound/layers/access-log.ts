import type { Layer } from '../../exchange/layer.ts';
import { getHeader } from '../../http/headers.ts';
import type { RequestHead, ResponseHead } from '../../http/message.ts';
import { type AccessFormat, type AccessRecord, formatAccess } from '../../log/access-line.ts';
import { formatAddress } from '../../transport/socket-address.ts';
import type { InboundExchange } from '../inbound-exchange.ts';

export interface AccessLog {
  readonly format: AccessFormat;
  /** Takes one line without its end. */
  write(line: string): void;
  /** Milliseconds since the epoch. */
  wallClock(): number;
}

/** A line for each request, as it came, when the head of its response leaves or it fails without one. */
export function logAccess(
  { format, write, wallClock }: AccessLog,
  now: () => number,
): Layer<InboundExchange> {
  const report = (x: InboundExchange, head: ResponseHead | null): void => {
    if (x.access === null) return;
    const record = { ...x.access, response: head === null ? null : responseOf(x, head, now()) };
    x.access = null;
    write(formatAccess(format, record));
  };
  return {
    name: 'access-log',
    onRequest(x) {
      x.access = requestOf(x, wallClock());
    },
    onResponseHead: report,
    onEnd(x) {
      report(x, null);
    },
  };
}

function requestOf({ connection, request }: InboundExchange, time: number): Omit<AccessRecord, 'response'> {
  const { tls } = connection.client;
  const field = (name: string): string => getHeader(request.headers, name) ?? '';
  return {
    clientAddr: formatAddress(connection.peer),
    clientId: tls.kind === 'mutual' ? tls.id : null,
    time,
    method: request.method,
    uri: uriOf(request),
    version: request.version === '2' ? 'HTTP/2.0' : `HTTP/${request.version}`,
    traceId: field('x-b3-traceid') || field('x-request-id') || field('x-amzn-trace-id'),
    requestBytes: field('content-length'),
    userAgent: field('user-agent'),
    host: field('host'),
  };
}

/** As it was written: with its authority where the target had one. */
function uriOf({ authority, form, path, scheme, version }: RequestHead): string {
  if (authority === undefined || (version !== '2' && form === 'origin')) return path;
  return form === 'authority' ? authority : `${scheme}://${authority}${path}`;
}

function responseOf(
  x: InboundExchange,
  head: ResponseHead,
  now: number,
): NonNullable<AccessRecord['response']> {
  const totalMs = now - x.startedAt;
  const waitedMs = x.dispatchedAt === 0 ? 0 : now - x.dispatchedAt;
  return {
    status: head.status,
    bytes: getHeader(head.headers, 'content-length') ?? '',
    totalMs,
    processingMs: totalMs - waitedMs,
  };
}
