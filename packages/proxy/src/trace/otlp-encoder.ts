import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Span } from './span.ts';
import { spanAttributes, splitPath } from './span-attributes.ts';

/** A span as OpenTelemetry's SDK has it. */
type ReadableSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];

/** Writes requests to an OTLP collector and reads its answers. */
export interface OtlpEncoder {
  /** `epoch`: milliseconds since the epoch when the monotonic clock was at zero. */
  encode(spans: readonly Span[], epoch: number): Uint8Array;
  /** How many spans the collector did not take. */
  rejectedIn(answer: Uint8Array): number;
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT };
const instrumentationScope = { name: 'weft-proxy' };
const none = {
  links: [],
  events: [],
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
};

/** The one file that needs OpenTelemetry's libraries; it is loaded with the first spans. */
export function createOtlpEncoder(attributes: Record<string, string | number>): OtlpEncoder {
  const resource = resourceFromAttributes(attributes);
  const readable = (span: Span, epoch: number): ReadableSpan => {
    const { traceId, spanId, parentId, startedAt, endedAt } = span;
    const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
    return {
      name: splitPath(span.request.path).path,
      kind: kinds[span.kind],
      spanContext: () => context,
      parentSpanContext: { traceId, spanId: parentId, traceFlags: TraceFlags.SAMPLED, isRemote: true },
      startTime: hrTime(epoch + startedAt),
      endTime: hrTime(epoch + endedAt),
      duration: hrTime(endedAt - startedAt),
      ended: true,
      status: { code: SpanStatusCode.UNSET },
      attributes: spanAttributes(span),
      resource,
      instrumentationScope,
      ...none,
    };
  };
  return {
    encode(spans, epoch) {
      const bytes = ProtobufTraceSerializer.serializeRequest(spans.map((span) => readable(span, epoch)));
      if (bytes === undefined) throw new Error('the spans cannot be written');
      return bytes;
    },
    rejectedIn(answer) {
      const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(answer);
      return Number(partialSuccess?.rejectedSpans ?? 0);
    },
  };
}

/** Milliseconds as seconds and nanoseconds. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)];
}
