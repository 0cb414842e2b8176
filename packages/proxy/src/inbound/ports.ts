import type { ServerPolicy } from '@weft/policy';
import type { NamedDestination } from '../discovery/destination.ts';
import type { Lease } from '../policy/idle-cache.ts';
import type { WatchedProfile } from '../profile/watched-profile.ts';

/** The policy of one port as it changes. The default policy stands in until the controller has answered. */
export interface PolicyHandle {
  readonly current: ServerPolicy;
  subscribe(listener: (policy: ServerPolicy) => void): () => void;
  /** The port may be forgotten once nobody holds it. */
  release(): void;
}

export interface InboundPolicies {
  get(port: number): PolicyHandle;
}

/** The profiles of services by name. */
export interface InboundProfiles {
  /** null: not a name that has one, or too many are in use. */
  acquire(name: NamedDestination): Lease<WatchedProfile> | null;
}
