import type { Retry, StatusRange } from '@weft/policy';
import type { HeaderList } from '../../http/message.ts';
import { takeDuration, takeHeader } from '../take-header.ts';

/** What holds where an application asks for retries and its route says nothing of them. */
const unasked: Retry = {
  maxRetries: 1,
  maxRequestBytes: 64 * 1024,
  statuses: [],
  grpcCodes: new Set(),
  timeoutMs: null,
  backoff: { minMs: 25, maxMs: 250, jitter: 1, respectRetryAfter: false },
};

/** As a policy may have it. */
const mostRetries = 65_535;

/**
 * What the route says of retries, changed by what the application asks for in `l5d-retry-*` fields, which are
 * taken off the request. null: it is sent once.
 */
export function askedRetry(own: Retry | null, headers: HeaderList): Retry | null {
  const statuses = statusRanges(takeHeader(headers, 'l5d-retry-http'));
  const grpcCodes = codes(takeHeader(headers, 'l5d-retry-grpc'));
  const maxRetries = limit(takeHeader(headers, 'l5d-retry-limit'));
  const timeoutMs = takeDuration(headers, 'l5d-retry-timeout');
  if (statuses === null && grpcCodes === null && maxRetries === null && timeoutMs === null) return own;
  const base = own ?? unasked;
  return {
    ...base,
    statuses: statuses ?? base.statuses,
    grpcCodes: grpcCodes ?? base.grpcCodes,
    maxRetries: maxRetries ?? base.maxRetries,
    timeoutMs: timeoutMs ?? base.timeoutMs,
  };
}

/** `5xx,gateway-error,429,500-503`; null when nothing in it makes sense. */
function statusRanges(text: string | undefined): readonly StatusRange[] | null {
  return readList(text, (word) => {
    if (word === '5xx') return { start: 500, end: 599 };
    if (word === 'gateway-error') return { start: 502, end: 504 };
    const match = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(word);
    if (match === null) return null;
    const start = Number(match[1]);
    const end = Number(match[2] ?? match[1]);
    return start <= end ? { start, end } : null;
  });
}

const codeNames: ReadonlyMap<string, number> = new Map([
  ['cancelled', 1],
  ['deadline-exceeded', 4],
  ['resource-exhausted', 8],
  ['internal', 13],
  ['unavailable', 14],
]);

function codes(text: string | undefined): ReadonlySet<number> | null {
  const found = readList(text, (word) => codeNames.get(word) ?? null);
  return found === null ? null : new Set(found);
}

function limit(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text), mostRetries) : null;
}

function readList<T>(text: string | undefined, read: (word: string) => T | null): readonly T[] | null {
  if (text === undefined) return null;
  const found: T[] = [];
  for (const word of text.split(',')) {
    const value = read(word.trim().toLowerCase());
    if (value !== null) found.push(value);
  }
  return found.length === 0 ? null : found;
}
