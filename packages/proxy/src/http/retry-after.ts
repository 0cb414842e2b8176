import { getHeader } from './headers.ts';
import type { HeaderList } from './message.ts';

/**
 * For how many milliseconds an endpoint asks to be left alone (`Retry-After`: seconds or a date, RFC 9110
 * section 10.2.3); 0 when it does not, or not in a way that can be understood. `date`: Unix milliseconds.
 */
export function retryAfterMs(headers: HeaderList, date: number): number {
  const text = getHeader(headers, 'retry-after');
  if (text === undefined) return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Za-z]{3,9}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? 0 : Math.max(0, at - date);
}

/** As `retryAfterMs`, of gRPC (`grpc-retry-pushback-ms`). */
export function pushbackMs(headers: HeaderList): number {
  const text = getHeader(headers, 'grpc-retry-pushback-ms');
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : 0;
}
