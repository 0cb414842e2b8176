import { getHeader, setHeader } from '../../http/headers.ts';
import { isId } from './ids.ts';
import type { ReadTraceContext } from './trace-context.ts';

const name = 'grpc-trace-bin';

/** A version, then fields of a fixed size, each behind its number. */
const BYTES = 29;
const VERSION = 0;
const TRACE_ID = { at: 1, number: 0, bytes: 16 };
const SPAN_ID = { at: 18, number: 1, bytes: 8 };
const OPTIONS = { at: 27, number: 2, bytes: 1 };
const SAMPLED = 1;

const base64 = /^[A-Za-z0-9+/]{39}=?$/;

/** OpenCensus' binary format, in base64 as gRPC writes binary metadata, with padding or without. */
export const grpcTraceBin: ReadTraceContext = (headers) => {
  const text = getHeader(headers, name) ?? '';
  if (!base64.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  const wellFormed = [TRACE_ID, SPAN_ID, OPTIONS].every(({ at, number }) => bytes[at] === number);
  if (bytes.length !== BYTES || bytes[0] !== VERSION || !wellFormed) return null;
  const idAt = ({ at, bytes: length }: typeof TRACE_ID) => bytes.toString('hex', at + 1, at + 1 + length);
  const traceId = idAt(TRACE_ID);
  const parentId = idAt(SPAN_ID);
  if (!isId(traceId) || !isId(parentId)) return null;
  return {
    traceId,
    parentId,
    sampled: ((bytes[OPTIONS.at + 1] ?? 0) & SAMPLED) !== 0,
    continueAs: (onward, spanId) => {
      bytes.write(spanId, SPAN_ID.at + 1, 'hex');
      const written = bytes.toString('base64');
      setHeader(onward, name, text.endsWith('=') ? written : written.replace('=', ''));
    },
  };
};
