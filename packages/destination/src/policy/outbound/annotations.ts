/** Annotations of a service that say how its clients should treat it. */
export const outboundAnnotations = {
  retryHttp: 'retry.linkerd.io/http',
  retryGrpc: 'retry.linkerd.io/grpc',
  retryLimit: 'retry.linkerd.io/limit',
  retryTimeout: 'retry.linkerd.io/timeout',
  timeoutRequest: 'timeout.linkerd.io/request',
  timeoutResponse: 'timeout.linkerd.io/response',
  timeoutIdle: 'timeout.linkerd.io/idle',
  failureAccrual: 'balancer.linkerd.io/failure-accrual',
  maxFailures: 'balancer.linkerd.io/failure-accrual-consecutive-max-failures',
  minPenalty: 'balancer.linkerd.io/failure-accrual-consecutive-min-penalty',
  maxPenalty: 'balancer.linkerd.io/failure-accrual-consecutive-max-penalty',
  jitterRatio: 'balancer.linkerd.io/failure-accrual-consecutive-jitter-ratio',
  successRate: 'balancer.alpha.linkerd.io/failure-accrual-success-rate-threshold',
  successWindow: 'balancer.alpha.linkerd.io/failure-accrual-success-rate-window',
  successMinRequests: 'balancer.alpha.linkerd.io/failure-accrual-success-rate-min-requests',
  honorRetryAfter: 'balancer.alpha.linkerd.io/failure-accrual-honor-retry-after',
  penalizeFailures: 'balancer.alpha.linkerd.io/penalize-failures',
  penalty: 'balancer.alpha.linkerd.io/load-biaser-penalty',
  maxRetryAfter: 'balancer.alpha.linkerd.io/load-biaser-max-retry-after',
} as const;

export type Annotations = Readonly<Record<string, string>>;

/** An annotation that cannot be understood; only the feature it belongs to is then off. */
export class InvalidAnnotationError extends Error {
  readonly code = 'invalid_annotation';
  readonly annotation: string;
  readonly value: string;

  constructor(annotation: string, value: string, expected: string) {
    super(`annotation ${annotation} is "${value}": expected ${expected}`);
    this.name = 'InvalidAnnotationError';
    this.annotation = annotation;
    this.value = value;
  }
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A whole number with a unit, or a bare `0`, in milliseconds. Undefined without the annotation. */
export function durationOf(annotations: Annotations, key: string): number | undefined {
  const text = annotations[key];
  if (text === undefined) return undefined;
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text.trim());
  const ms = text.trim() === '0' ? 0 : Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? Number.NaN);
  if (Number.isSafeInteger(ms)) return ms;
  throw new InvalidAnnotationError(key, text, 'a duration such as 100ms, 10s, 5m, 1h or 1d');
}

/** A number between two bounds. Undefined without the annotation. */
export function numberOf(
  annotations: Annotations,
  key: string,
  { min, max, whole }: { readonly min: number; readonly max: number; readonly whole: boolean },
): number | undefined {
  const text = annotations[key];
  if (text === undefined) return undefined;
  const value = Number(text.trim() === '' ? Number.NaN : text);
  if (value >= min && value <= max && (!whole || /^\d+$/.test(text.trim()))) return value;
  throw new InvalidAnnotationError(
    key,
    text,
    `${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`,
  );
}

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** A truth value as Go writes them; false without the annotation. */
export function flagOf(annotations: Annotations, key: string): boolean {
  const text = annotations[key]?.trim();
  if (text === undefined || FALSE.includes(text)) return false;
  if (TRUE.includes(text)) return true;
  throw new InvalidAnnotationError(key, text, 'true or false');
}
