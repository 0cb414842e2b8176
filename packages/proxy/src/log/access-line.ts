/** One request, as the access log tells it. Texts are what came over the wire. */
export interface AccessRecord {
  /** `ip:port`. */
  readonly clientAddr: string;
  readonly clientId: string | null;
  /** Milliseconds since the epoch, when the request came. */
  readonly time: number;
  readonly method: string;
  readonly uri: string;
  /** `HTTP/1.1`. */
  readonly version: string;
  readonly traceId: string;
  readonly requestBytes: string;
  readonly userAgent: string;
  readonly host: string;
  /** null when the request failed without one. */
  readonly response: {
    readonly status: number;
    /** Its content-length. */
    readonly bytes: string;
    /** Until its head was there. */
    readonly totalMs: number;
    /** The part of `totalMs` that was not spent waiting for the application. */
    readonly processingMs: number;
  } | null;
}

export type AccessFormat = 'apache' | 'json';

/** Without the line break at the end. Nothing a client sends can break out of its place in the line. */
export function formatAccess(format: AccessFormat, record: AccessRecord): string {
  return format === 'json' ? json(record) : apache(record);
}

function apache(record: AccessRecord): string {
  const { clientAddr, clientId, time, method, uri, version, response } = record;
  const request = `${quotable(method)} ${quotable(uri)} ${version}`;
  const line = `${clientAddr} ${clientId ?? '-'} - [${new Date(time).toISOString()}] "${request}"`;
  return response === null ? line : `${line} ${response.status}`;
}

function json({ response, ...record }: AccessRecord): string {
  const text = JSON.stringify({
    'client.addr': record.clientAddr,
    'client.id': record.clientId ?? '-',
    timestamp: new Date(record.time).toISOString(),
    method: record.method,
    uri: record.uri,
    version: record.version,
    trace_id: visible(record.traceId),
    request_bytes: visible(record.requestBytes),
    status: response?.status,
    response_bytes: response === null || response.bytes === '' ? undefined : visible(response.bytes),
    total_ns: response === null ? undefined : nanoseconds(response.totalMs),
    processing_ns: response === null ? undefined : nanoseconds(response.processingMs),
    user_agent: visible(record.userAgent),
    host: visible(record.host),
  });
  // JSON escapes the C0 controls by itself.
  return text.replace(/[\x7f-\x9f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const nanoseconds = (ms: number): string => String(Math.round(ms * 1e6));

/** Fields with bytes beyond visible ASCII are left out, as Linkerd does. */
const visible = (text: string): string => (/^[\t\x20-\x7e]*$/.test(text) ? text : '');

function quotable(text: string): string {
  return text.replace(
    /[\x00-\x1f"\\\x7f-\x9f]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
