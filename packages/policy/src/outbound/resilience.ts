/** null: none. Zero never occurs. */
export interface Timeouts {
  readonly requestMs: number | null;
  readonly responseMs: number | null;
  readonly idleMs: number | null;
}

/** Wait before attempt n: min(max, min × 2^n), and up to `jitter` times that on top. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
  readonly jitter: number;
  /** A longer Retry-After or grpc-retry-pushback-ms wins. */
  readonly respectRetryAfter: boolean;
}

export interface StatusRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** For HTTP routes `grpcCodes` is empty, for gRPC routes `statuses` is. */
export interface Retry {
  readonly maxRetries: number;
  /** Requests with longer bodies are not retried. */
  readonly maxRequestBytes: number;
  readonly statuses: readonly StatusRange[];
  readonly grpcCodes: ReadonlySet<number>;
  /** For each try, up to the response head. */
  readonly timeoutMs: number | null;
  readonly backoff: Backoff | null;
}

/** When an endpoint is taken out of the balancer. */
export type FailureAccrual =
  | { readonly kind: 'consecutive'; readonly maxFailures: number; readonly backoff: Backoff }
  | {
      readonly kind: 'unified';
      /** 0: off. */
      readonly successRateThreshold: number;
      readonly windowMs: number;
      readonly minRequests: number;
      /** 0: off. */
      readonly maxConsecutiveFailures: number;
      readonly backoff: Backoff;
    };
