import type { Duration } from '@bufbuild/protobuf/wkt';
import type { Timeouts as TimeoutsMessage } from '@weft/proto/http_route';
import type {
  ExponentialBackoff,
  FailureAccrual as FailureAccrualMessage,
  GrpcRoute_Retry,
  HttpRoute_Retry,
} from '@weft/proto/outbound';
import { decodeDuration, decodeTimeout } from '../duration.ts';
import { invalid, required } from '../invalid-policy.ts';
import type { Backoff, FailureAccrual, Retry, StatusRange, Timeouts } from './resilience.ts';

/** What is retried when the control plane names no conditions. */
const serverErrors: readonly StatusRange[] = [{ start: 500, end: 599 }];
const failureCodes: ReadonlySet<number> = new Set([2, 4, 7, 13, 14, 15]);

/** @param legacyRequestTimeout the deprecated field beside `timeouts`, used where that has none */
export function decodeTimeouts(
  message: TimeoutsMessage | undefined,
  legacyRequestTimeout: Duration | undefined,
  field: string,
): Timeouts {
  const request = message === undefined ? legacyRequestTimeout : message.request;
  return {
    requestMs: decodeTimeout(request, `${field}.request`),
    responseMs: decodeTimeout(message?.response, `${field}.response`),
    idleMs: decodeTimeout(message?.idle, `${field}.idle`),
  };
}

export function decodeHttpRetry(message: HttpRoute_Retry | undefined, field: string): Retry | null {
  if (message === undefined) return null;
  const ranges = required(message.conditions, `${field}.conditions`).statusRanges;
  const statuses = ranges.map(({ start, end }, i) => {
    const valid = start >= 1 && start <= end && end <= 599;
    return valid ? { start, end } : invalid(`${field}.conditions[${i}]`, `is not a range: ${start}–${end}`);
  });
  return {
    ...decodeRetryLimits(message, field),
    statuses: statuses.length === 0 ? serverErrors : statuses,
    grpcCodes: new Set(),
  };
}

export function decodeGrpcRetry(message: GrpcRoute_Retry | undefined, field: string): Retry | null {
  if (message === undefined) return null;
  const conditions = required(message.conditions, `${field}.conditions`);
  const codes = new Set<number>();
  if (conditions.cancelled) codes.add(1);
  if (conditions.deadineExceeded) codes.add(4);
  if (conditions.resourceExhausted) codes.add(8);
  if (conditions.internal) codes.add(13);
  if (conditions.unavailable) codes.add(14);
  return {
    ...decodeRetryLimits(message, field),
    statuses: [],
    grpcCodes: codes.size === 0 ? failureCodes : codes,
  };
}

export function decodeFailureAccrual(
  message: FailureAccrualMessage | undefined,
  field: string,
): FailureAccrual | null {
  if (message === undefined) return null;
  const { kind } = message;
  switch (kind.case) {
    case 'consecutiveFailures': {
      const { maxFailures, backoff } = kind.value;
      return { kind: 'consecutive', maxFailures, backoff: decodeBackoff(backoff, `${field}.backoff`) };
    }
    case 'unified': {
      const { successRateThreshold, decay, minRequests, maxConsecutiveFailures, backoff } = kind.value;
      if (!(successRateThreshold >= 0 && successRateThreshold <= 1)) {
        invalid(`${field}.success_rate_threshold`, `is not between 0 and 1: ${successRateThreshold}`);
      }
      const windowMs = decodeDuration(decay, `${field}.decay`) ?? 10_000;
      if (successRateThreshold > 0 && windowMs < 10) invalid(`${field}.decay`, `is below 10 ms: ${windowMs}`);
      if (minRequests > 1_000_000) invalid(`${field}.min_requests`, `is above 1000000: ${minRequests}`);
      return {
        kind: 'unified',
        successRateThreshold,
        windowMs,
        minRequests,
        maxConsecutiveFailures,
        backoff: decodeBackoff(backoff, `${field}.backoff`),
      };
    }
    default:
      return invalid(field, 'has no kind');
  }
}

function decodeRetryLimits(
  message: HttpRoute_Retry | GrpcRoute_Retry,
  field: string,
): Omit<Retry, 'statuses' | 'grpcCodes'> {
  const { maxRetries, maxRequestBytes, timeout, backoff } = message;
  if (maxRetries > 65535) invalid(`${field}.max_retries`, `is above 65535: ${maxRetries}`);
  return {
    maxRetries,
    maxRequestBytes,
    timeoutMs: decodeTimeout(timeout, `${field}.timeout`),
    backoff: backoff === undefined ? null : decodeBackoff(backoff, `${field}.backoff`),
  };
}

function decodeBackoff(message: ExponentialBackoff | undefined, field: string): Backoff {
  const { minBackoff, maxBackoff, jitterRatio, respectRetryAfterHint } = required(message, field);
  const minMs = decodeDuration(minBackoff, `${field}.min_backoff`);
  const maxMs = decodeDuration(maxBackoff, `${field}.max_backoff`);
  if (minMs === null) return invalid(`${field}.min_backoff`, 'is missing');
  if (maxMs === null) return invalid(`${field}.max_backoff`, 'is missing');
  if (maxMs === 0 || minMs > maxMs) invalid(field, `has no valid bounds: ${minMs} ms to ${maxMs} ms`);
  if (!(jitterRatio >= 0 && jitterRatio <= 100)) {
    invalid(`${field}.jitter_ratio`, `is not between 0 and 100: ${jitterRatio}`);
  }
  return { minMs, maxMs, jitter: jitterRatio, respectRetryAfter: respectRetryAfterHint };
}
