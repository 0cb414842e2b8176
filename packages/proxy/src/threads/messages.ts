import type { KeyObject, X509Certificate } from 'node:crypto';
import type { WatchKind } from '../discovery/watch/watch-metrics.ts';
import type { GrpcStatus } from '../grpc/status.ts';
import type { FamilyNumbers } from '../metrics/snapshot.ts';
import type { TrustBundle } from '../tls/credentials.ts';
import type { Span } from '../trace/span.ts';
import type { Side } from './connection-balance.ts';
import type { SessionsMemory } from './shared-sessions.ts';

/** The services of the control plane that are watched. */
export type WatchedService = 'destination' | 'policy';

/** A connection that is the receiver's from now on. */
export interface HandedOver {
  readonly kind: 'connection';
  readonly side: Side;
  readonly fd: number;
}

/** What the main thread tells a worker. `id`s are chosen by who begins. */
export type ToWorker =
  | HandedOver
  | {
      readonly kind: 'credentials';
      readonly key: KeyObject;
      readonly leaf: X509Certificate;
      readonly intermediates: readonly X509Certificate[];
      readonly bundle: TrustBundle | null;
      readonly sessions: SessionsMemory;
    }
  | { readonly kind: 'accept' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'told'; readonly id: number; readonly message: Uint8Array; readonly first: boolean }
  | { readonly kind: 'refused'; readonly id: number; readonly status: GrpcStatus }
  | { readonly kind: 'count' }
  | { readonly kind: 'describe' }
  | { readonly kind: 'log-filter'; readonly text: string }
  | { readonly kind: 'stream-logs'; readonly id: number; readonly filter: string }
  | { readonly kind: 'stop-logs'; readonly id: number }
  | {
      readonly kind: 'tap';
      readonly id: number;
      readonly base: number;
      readonly request: Uint8Array;
      readonly quota: SharedArrayBuffer;
    }
  | { readonly kind: 'end-tap'; readonly id: number }
  | { readonly kind: 'spans-taken' }
  | { readonly kind: 'release-memory' }
  | { readonly kind: 'ping' };

/** What a worker tells the main thread. */
export type ToMain =
  | { readonly kind: 'connection'; readonly side: Side; readonly fd: number; readonly thread: number }
  /** It has asked for everything that it wants to know from the start. */
  | { readonly kind: 'built' }
  | { readonly kind: 'accepting' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'drained' }
  | { readonly kind: 'alive' }
  | {
      readonly kind: 'follow';
      readonly id: number;
      readonly service: WatchedService;
      readonly watch: WatchKind;
      readonly name: string;
      readonly method: string;
      readonly request: Uint8Array;
      readonly terminal: readonly number[];
    }
  | { readonly kind: 'unfollow'; readonly id: number }
  | { readonly kind: 'counted'; readonly families: readonly FamilyNumbers[] }
  | { readonly kind: 'described'; readonly state: Record<string, unknown> }
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'streamed-log'; readonly id: number; readonly line: string }
  | { readonly kind: 'access-lines'; readonly bytes: Uint8Array }
  | { readonly kind: 'tapped'; readonly id: number; readonly event: Uint8Array }
  | { readonly kind: 'tap-finished'; readonly id: number }
  | { readonly kind: 'spans'; readonly spans: readonly Span[] };
