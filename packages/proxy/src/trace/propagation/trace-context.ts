import type { HeaderList } from '../../http/message.ts';

/** What a request says of the trace it belongs to. Ids are hexadecimal: 32 digits for the trace, 16 for a span. */
export interface TraceContext {
  readonly traceId: string;
  /** The span of whoever sent the request. */
  readonly parentId: string;
  readonly sampled: boolean;
  /** Writes the header again as it came, with another span in the place of the sender's. */
  continueAs(headers: HeaderList, spanId: string): void;
}

/** One of the ways to write it down. Returns null where the headers hold none, or none that makes sense. */
export type ReadTraceContext = (headers: HeaderList) => TraceContext | null;
