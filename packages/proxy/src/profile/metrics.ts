import type { CounterFamily } from '../metrics/family.ts';
import { HttpMetrics } from '../metrics/http.ts';
import type { Registry } from '../metrics/registry.ts';

/** What is counted by the routes of service profiles. Names and labels are Linkerd's. */
export class ProfileRouteMetrics {
  /** What applications experience. */
  readonly requests: HttpMetrics;
  readonly retryable: CounterFamily;
  /** Every attempt of a request. */
  readonly attempts: HttpMetrics;

  constructor(registry: Registry) {
    this.requests = new HttpMetrics(registry, 'route_');
    this.retryable = registry.counter(
      'legacy',
      'route_retryable_total',
      'Total count of responses after which a request could have been sent again.',
      { evicted: true },
    );
    this.attempts = new HttpMetrics(registry, 'route_actual_');
  }
}
