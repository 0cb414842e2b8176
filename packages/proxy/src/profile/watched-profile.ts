import { matchProfileRoute, type Profile, type ProfileRoute } from '@weft/policy';
import type { Clock } from '../balance/balancer.ts';
import type { HttpMetrics, HttpTargetMetrics } from '../metrics/http.ts';
import { RouteCounts } from './route-counts.ts';

type State =
  /** Asked for a moment ago: who needs it may wait. */
  | { readonly kind: 'awaited'; readonly waiters: Set<() => void>; readonly timer: unknown }
  /** Nobody waits any more, or there is no profile. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'known'; readonly profile: Profile; readonly counts: RouteCounts };

export interface RouteMatch {
  readonly route: ProfileRoute;
  readonly counts: HttpTargetMetrics;
}

/** The profile of a service that requests were sent to, as it is known at the moment. */
export class WatchedProfile {
  readonly #port: number;
  readonly #metrics: HttpMetrics;
  readonly #clock: Clock;
  readonly #stop: () => void;
  #state: State;

  /**
   * `waitMs`: how long requests wait for the first answer. `watch` is handed what to tell the answers to
   * (null: there is none) and returns how to stop.
   */
  constructor(
    port: number,
    waitMs: number,
    metrics: HttpMetrics,
    clock: Clock,
    watch: (onProfile: (profile: Profile | null) => void) => () => void,
  ) {
    this.#port = port;
    this.#metrics = metrics;
    this.#clock = clock;
    const timer = clock.setTimeout(() => this.#turn({ kind: 'absent' }), waitMs);
    this.#state = { kind: 'awaited', waiters: new Set(), timer };
    this.#stop = watch((profile) => this.#turn(this.#stateOf(profile)));
  }

  /** Whether an answer may still come in time for a request that waits. */
  get awaited(): boolean {
    return this.#state.kind === 'awaited';
  }

  /** Called once, when the profile is known or is waited for no longer. */
  whenSettled(callback: () => void): void {
    if (this.#state.kind === 'awaited') this.#state.waiters.add(callback);
    else callback();
  }

  /** The route that takes a request; `path` is without the query. */
  match(method: string, path: string): RouteMatch | null {
    if (this.#state.kind !== 'known') return null;
    const route = matchProfileRoute(this.#state.profile.routes, method, path);
    return route === null ? null : { route, counts: this.#state.counts.of(route) };
  }

  close(): void {
    this.#stop();
    this.#turn({ kind: 'absent' });
  }

  #stateOf(profile: Profile | null): State {
    if (profile === null || profile.fqn === null) return { kind: 'absent' };
    const counts = new RouteCounts(this.#metrics, 'inbound', `${profile.fqn}:${this.#port}`);
    return { kind: 'known', profile, counts };
  }

  #turn(next: State): void {
    const before = this.#state;
    this.#state = next;
    if (before.kind === 'known') before.counts.release();
    if (before.kind !== 'awaited') return;
    this.#clock.clearTimeout(before.timer);
    for (const waiter of before.waiters) waiter();
  }
}
