import type { Endpoint, OutboundPolicy, Profile } from '@weft/policy';
import type { Destination } from '../discovery/destination.ts';

/** A value that changes. `subscribe` does not call back for the present value. */
export interface Live<T> {
  readonly current: T;
  subscribe(listener: (value: T) => void): () => void;
}

/** What the control plane says about one destination. */
export interface Discovered {
  /** null where the destination has none. */
  readonly profile: Live<Profile | null>;
  readonly policy: Live<OutboundPolicy>;
}

/** Hears the endpoints of a service. The whole set comes first, or not at all while there is none. */
export interface EndpointListener {
  onReset(endpoints: readonly Endpoint[]): void;
  onAdd(endpoints: readonly Endpoint[]): void;
  onRemove(keys: readonly { readonly ip: string; readonly port: number }[]): void;
  /** There is nothing to resolve, and there will not be. */
  onRejected(reason: string): void;
}

/** Follows the endpoints of `name:port` until the returned function is called. */
export type ResolveEndpoints = (path: string, listener: EndpointListener) => () => void;

/** Asks the control plane about a destination. Rejects when it says that it cannot be served. */
export type Discover = (destination: Destination, signal: AbortSignal) => Promise<HeldDiscovered>;

/** Kept up to date until it is released. */
export interface HeldDiscovered extends Discovered {
  release(): void;
}
