import { getHeader, setHeader } from '../../http/headers.ts';
import { isId } from './ids.ts';
import type { ReadTraceContext } from './trace-context.ts';

const spanName = 'x-b3-spanid';
const traceForm = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;
const spanForm = /^[0-9a-f]{16}$/i;

/** Zipkin's B3 in several headers. Trace ids of 64 bits are written with zeros in front. */
export const b3: ReadTraceContext = (headers) => {
  const traceId = getHeader(headers, 'x-b3-traceid') ?? '';
  const parentId = getHeader(headers, spanName) ?? '';
  if (!traceForm.test(traceId) || !spanForm.test(parentId) || !isId(traceId) || !isId(parentId)) return null;
  const sampled = getHeader(headers, 'x-b3-sampled');
  return {
    traceId: traceId.toLowerCase().padStart(32, '0'),
    parentId: parentId.toLowerCase(),
    sampled: sampled === '1' || sampled === 'true',
    continueAs: (onward, spanId) => setHeader(onward, spanName, spanId),
  };
};
