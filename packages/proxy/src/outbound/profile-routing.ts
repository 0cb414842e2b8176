import {
  type Backend,
  type Distribution,
  defaultMeta,
  type Meta,
  type OpaqueRoute,
  type Profile,
  type ProfileRoute,
  type RetryBudget as RetryTerms,
} from '@weft/policy';
import type { Counter } from '../metrics/series.ts';
import type { ProfileRouteMetrics } from '../profile/metrics.ts';
import { RetryBudget } from '../profile/retry-budget.ts';
import { RouteCounts } from '../profile/route-counts.ts';
import { serviceMeta } from './service-meta.ts';

const load = { kind: 'peak-ewma', defaultRttMs: 30, decayMs: 10_000 } as const;
/** Of no effect: the environment's queue settings hold. */
const queue = { capacity: 100, failfastTimeoutMs: 3000 };

/** Responses after which a request could have been sent again. */
export interface RetryCounts {
  readonly retryable: Counter;
  readonly noBudget: Counter;
}

/** A service profile in charge of a destination: its split over services, weighted, or the service itself. */
export class ProfileRouting {
  readonly profile: Profile;
  /** `FQN:port`, as peers and metrics are told. */
  readonly canonicalName: string;
  readonly parent: Meta;
  readonly distribution: Distribution<never>;
  /** The profile as the one route of connections that are not taken apart. */
  readonly opaqueRoute: OpaqueRoute;
  /** What the application experiences on each route. */
  readonly requests: RouteCounts;
  /** Every attempt on each route. */
  readonly attempts: RouteCounts;
  /** Shared by the routes; null: no retries. */
  readonly budget: RetryBudget | null;
  readonly #metrics: ProfileRouteMetrics;

  /** `now`: monotonic milliseconds. `former`: what this takes the place of. */
  constructor(
    fqn: string,
    port: number,
    profile: Profile,
    metrics: ProfileRouteMetrics,
    now: () => number,
    former: ProfileRouting | null = null,
  ) {
    this.profile = profile;
    this.canonicalName = `${fqn}:${port}`;
    this.parent = serviceMeta(fqn, port);
    this.distribution = split(fqn, port, profile);
    this.opaqueRoute = {
      meta: defaultMeta('serviceprofile'),
      filters: [],
      distribution: this.distribution,
    };
    this.requests = new RouteCounts(metrics.requests, 'outbound', this.canonicalName);
    this.attempts = new RouteCounts(metrics.attempts, 'outbound', this.canonicalName);
    this.#metrics = metrics;
    const terms = profile.retryBudget;
    // Equal terms go on with what is left of the budget.
    this.budget = sameTerms(terms, former?.profile.retryBudget ?? null)
      ? (former?.budget ?? null)
      : terms === null
        ? null
        : new RetryBudget(terms, now);
  }

  /** Found anew each time: such series are dropped when nothing happens to them. */
  retryCounts(route: ProfileRoute): RetryCounts {
    const { retryable } = this.#metrics;
    const labels = this.requests.labelsOf(route);
    return { retryable: retryable.with(labels), noBudget: retryable.with(`${labels},skipped="no_budget"`) };
  }

  /** The series may be dropped once they are idle. */
  release(): void {
    this.requests.release();
    this.attempts.release();
  }
}

function sameTerms(a: RetryTerms | null, b: RetryTerms | null): boolean {
  return (
    a !== null &&
    b !== null &&
    a.ratio === b.ratio &&
    a.minRetriesPerSecond === b.minRetriesPerSecond &&
    a.ttlMs === b.ttlMs
  );
}

function split(fqn: string, port: number, { targets }: Profile): Distribution<never> {
  if (targets.length === 0) {
    return { kind: 'first-available', backends: [{ backend: service(fqn, port), filters: [] }] };
  }
  const backends = targets.map(({ host, port, weight }) => ({
    backend: service(host, port),
    filters: [],
    weight,
  }));
  return { kind: 'random-available', backends };
}

function service(host: string, port: number): Backend {
  const path = `${host}:${port}`;
  return {
    meta: serviceMeta(host, port),
    key: `profile ${path}`,
    dispatcher: { kind: 'balancer', path, load },
    queue,
  };
}
