import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  HttpRoute_Retry_Conditions_StatusRangeSchema,
  HttpRoute_RetrySchema,
} from '@weft/proto/outbound';
import { encodeDuration } from '../../wire/duration.ts';
import {
  type Annotations,
  durationOf,
  InvalidAnnotationError,
  outboundAnnotations as keys,
  numberOf,
} from './annotations.ts';

type Range = MessageInitShape<typeof HttpRoute_Retry_Conditions_StatusRangeSchema>;

/** Largest body a proxy keeps for another try, in bytes. */
const MAX_REQUEST_BYTES = 64 * 1024;

function statusRange(text: string, list: string): Range {
  if (text === '5xx') return { start: 500, end: 599 };
  if (text === 'gateway-error') return { start: 502, end: 504 };
  const match = /^(\d{3})(?:-(\d{3}))?$/.exec(text);
  const start = Number(match?.[1]);
  const end = match?.[2] === undefined ? start : Number(match[2]);
  if (match !== null && start >= 100 && end <= 599 && start <= end) return { start, end };
  throw new InvalidAnnotationError(
    keys.retryHttp,
    list,
    'statuses such as 5xx, gateway-error, 503 or 500-504',
  );
}

/**
 * When a failed HTTP request may be tried again. Undefined when no annotation asks for retries.
 * @throws InvalidAnnotationError
 */
export function httpRetry(
  annotations: Annotations,
): MessageInitShape<typeof HttpRoute_RetrySchema> | undefined {
  const list = annotations[keys.retryHttp];
  const limit = numberOf(annotations, keys.retryLimit, { min: 0, max: 65_535, whole: true }) || undefined;
  const timeout = durationOf(annotations, keys.retryTimeout) || undefined;
  if (list === undefined && limit === undefined && timeout === undefined) return undefined;
  const statusRanges = list === undefined ? [] : list.split(',').map((text) => statusRange(text, list));
  return {
    maxRetries: limit ?? 1,
    maxRequestBytes: MAX_REQUEST_BYTES,
    conditions: { statusRanges },
    ...(timeout === undefined ? {} : { timeout: encodeDuration(timeout) }),
    backoff: { minBackoff: encodeDuration(25), maxBackoff: encodeDuration(250), jitterRatio: 1 },
  };
}
