import type { ServerPolicy } from '@weft/policy';
import type { NamedDestination } from '../discovery/destination.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { HttpClient } from '../http/stream.ts';
import type { Lease } from '../policy/idle-cache.ts';
import type { WatchedProfile } from '../profile/watched-profile.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';

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

/** The way to other services than this pod's, for clients that name one. */
export interface Gateway {
  /** Whether this is a name that the gateway stands for. */
  allows(destination: NamedDestination): boolean;
  /** Resolves when it is known where the name leads. Rejects when the control plane refuses to say. */
  open(destination: NamedDestination): Promise<Passage>;
}

/** One connection's way through the gateway. */
export interface Passage {
  /** The service, as an authority. */
  readonly host: string;
  /** Where a request goes on that `peer` sent to `target`; null: nowhere. */
  client(x: Exchange, peer: SocketAddress, target: SocketAddress): HttpClient | null;
  /** Carries the bytes of the connection, and closes it when it leads nowhere. */
  forward(connection: SocketConnection): Promise<void>;
  release(): void;
}
