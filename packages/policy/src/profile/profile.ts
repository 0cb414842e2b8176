import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Regex } from '../regex/regex.ts';

/** A ServiceProfile, or what stands in for one, as GetProfile tells it. */
export interface Profile {
  /** null for endpoint profiles and destinations that are no service. */
  readonly fqn: string | null;
  /** The destination is opaque, whatever its policy says. */
  readonly opaque: boolean;
  /** The single endpoint the address leads to, when it is not a service's. */
  readonly endpoint: Endpoint | null;
  readonly routes: readonly ProfileRoute[];
  /** null: no retries. */
  readonly retryBudget: RetryBudget | null;
  /** Traffic split; weights above 0. Empty: the service itself. */
  readonly targets: readonly ProfileTarget[];
}

export interface ProfileRoute {
  readonly condition: RequestMatch;
  readonly responseClasses: readonly ResponseClass[];
  /** Metric labels, names beginning with `rt_`, sorted by name. */
  readonly labels: ReadonlyMap<string, string>;
  readonly retryable: boolean;
  readonly timeoutMs: number | null;
}

export interface ProfileTarget {
  readonly host: string;
  readonly port: number;
  readonly weight: number;
}

export interface RetryBudget {
  /** Retries allowed for each request, 0 to 1000. */
  readonly ratio: number;
  readonly minRetriesPerSecond: number;
  /** 1000 to 60 000. */
  readonly ttlMs: number;
}

export type RequestMatch =
  | { readonly kind: 'all'; readonly of: readonly RequestMatch[] }
  | { readonly kind: 'any'; readonly of: readonly RequestMatch[] }
  | { readonly kind: 'not'; readonly of: RequestMatch }
  | { readonly kind: 'path'; readonly regex: Regex }
  | { readonly kind: 'method'; readonly method: string };

export interface ResponseClass {
  readonly condition: ResponseMatch;
  readonly failure: boolean;
}

export type ResponseMatch =
  | { readonly kind: 'all'; readonly of: readonly ResponseMatch[] }
  | { readonly kind: 'any'; readonly of: readonly ResponseMatch[] }
  | { readonly kind: 'not'; readonly of: ResponseMatch }
  /** Inclusive. */
  | { readonly kind: 'status'; readonly min: number; readonly max: number };
