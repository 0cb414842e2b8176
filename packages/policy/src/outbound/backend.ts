import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Meta } from '../meta.ts';

/** Where the requests or connections of a rule go. */
export interface Backend {
  readonly meta: Meta;
  /** Equal for backends that may share a balancer and its connections, also across updates of the policy. */
  readonly key: string;
  readonly dispatcher: Dispatcher;
  readonly queue: Queue;
}

export type Dispatcher =
  /** Balances over what the destination service resolves `path` (`name:port`) to. */
  | { readonly kind: 'balancer'; readonly path: string; readonly load: LoadParams }
  | { readonly kind: 'forward'; readonly endpoint: Endpoint }
  /** Fails everything sent to it. */
  | { readonly kind: 'fail'; readonly message: string };

export interface Queue {
  readonly capacity: number;
  readonly failfastTimeoutMs: number;
}

export type LoadParams =
  | { readonly kind: 'peak-ewma'; readonly defaultRttMs: number; readonly decayMs: number }
  | {
      readonly kind: 'penalty-peak-ewma';
      readonly defaultRttMs: number;
      readonly decayMs: number;
      readonly penaltyMs: number;
      readonly penaltyDecayMs: number;
      readonly maxRetryAfterMs: number;
    };

export interface RouteBackend<Filter> {
  readonly backend: Backend;
  /** Applied after the rule's own. */
  readonly filters: readonly Filter[];
}

export interface WeightedRouteBackend<Filter> extends RouteBackend<Filter> {
  readonly weight: number;
}

export type Distribution<Filter> =
  | { readonly kind: 'empty' }
  /** The first that is ready, in order. */
  | { readonly kind: 'first-available'; readonly backends: readonly RouteBackend<Filter>[] }
  /** Weighted random among those ready. */
  | { readonly kind: 'random-available'; readonly backends: readonly WeightedRouteBackend<Filter>[] };
