import type { Exchange } from '../exchange/exchange.ts';
import type { Layer } from '../exchange/layer.ts';
import { newSpanId } from './propagation/ids.ts';
import { readTraceContext } from './propagation/read-trace-context.ts';
import { type Direction, describeRequest, type Span, type SpanKind } from './span.ts';

/** The layers that make spans of the requests of one side of the proxy. */
export interface SpanLayers {
  /** Near the top: the way of a request through this proxy. */
  readonly server: Layer<Exchange>;
  /** Just before a request is sent to an endpoint: how long that takes to answer. */
  readonly client: Layer<Exchange>;
}

export interface SpanSink {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Takes a span that is over. */
  readonly take: (span: Span) => void;
}

export const spanLayers = (direction: Direction, sink: SpanSink): SpanLayers => ({
  server: spans('server', direction, sink),
  client: spans('client', direction, sink),
});

/**
 * Puts a span of its own in the place of the sender's where a request belongs to a trace, and tells of it where
 * the trace is sampled. Requests of no trace are left alone.
 */
function spans(kind: SpanKind, direction: Direction, { now, take }: SpanSink): Layer<Exchange> {
  /** Of the requests under way, so that those of no trace bear no trace of tracing. */
  const open = new WeakMap<Exchange, Span>();
  const end = (x: Exchange, status: number | null): void => {
    const span = open.get(x);
    if (span === undefined) return;
    open.delete(x);
    span.endedAt = now();
    span.status = status;
    take(span);
  };
  return {
    name: `${kind}-span`,
    onRequest(x) {
      const { request } = x;
      const context = readTraceContext(request.headers);
      if (context === null) return;
      const { parentId, sampled, traceId } = context;
      const spanId = newSpanId();
      if (sampled) {
        const startedAt = now();
        const ids = { traceId, spanId, parentId };
        const described = { kind, direction, request: describeRequest(request) };
        open.set(x, { ...ids, ...described, startedAt, endedAt: startedAt, status: null });
      }
      context.continueAs(request.headers, spanId);
    },
    onResponseHead(x, head) {
      end(x, head.status);
    },
    onEnd(x) {
      end(x, null);
    },
  };
}
