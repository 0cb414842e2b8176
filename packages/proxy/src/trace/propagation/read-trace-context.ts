import type { HeaderList } from '../../http/message.ts';
import { b3 } from './b3.ts';
import { grpcTraceBin } from './grpc-trace-bin.ts';
import type { ReadTraceContext, TraceContext } from './trace-context.ts';
import { traceparent } from './traceparent.ts';

/** In the order in which they are looked for. */
const formats: readonly ReadTraceContext[] = [traceparent, grpcTraceBin, b3];

export function readTraceContext(headers: HeaderList): TraceContext | null {
  for (const read of formats) {
    const context = read(headers);
    if (context !== null) return context;
  }
  return null;
}
