import { getHeader, setHeader } from '../../http/headers.ts';
import { isId } from './ids.ts';
import type { ReadTraceContext } from './trace-context.ts';

const name = 'traceparent';
const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const SAMPLED = 1;

/** W3C Trace Context, version 00. `tracestate` is its senders' alone. */
export const traceparent: ReadTraceContext = (headers) => {
  const match = form.exec(getHeader(headers, name) ?? '');
  const [, traceId = '', parentId = '', flags = ''] = match ?? [];
  if (!isId(traceId) || !isId(parentId)) return null;
  return {
    traceId,
    parentId,
    sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0,
    continueAs: (onward, spanId) => setHeader(onward, name, `00-${traceId}-${spanId}-${flags}`),
  };
};
