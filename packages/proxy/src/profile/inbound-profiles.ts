import { decodeProfile } from '@weft/policy';
import { Destination } from '@weft/proto/destination';
import { formatDestination, isUnder, type NamedDestination } from '../discovery/destination.ts';
import type { Watches } from '../discovery/watch/watches.ts';
import { StatusCode } from '../grpc/status.ts';
import type { InboundProfiles } from '../inbound/ports.ts';
import type { HttpMetrics } from '../metrics/http.ts';
import { IdleCache, type Lease } from '../policy/idle-cache.ts';
import { WatchedProfile } from './watched-profile.ts';

export interface InboundProfileOptions {
  /** Sent as it is (LINKERD2_PROXY_DESTINATION_CONTEXT). */
  readonly contextToken: string;
  /** Names that may have a profile: lower case, ending in a dot. */
  readonly suffixes: readonly string[];
  /** How long requests wait for a profile that has not been asked for before. */
  readonly waitMs: number;
  /** How long a profile is followed after the last connection for it has gone. */
  readonly idleMs: number;
  /** Profiles followed at a time; requests for further names go without. */
  readonly capacity: number;
}

/** The profiles of the services whose names requests from the mesh carry. */
export class WatchedInboundProfiles implements InboundProfiles {
  readonly #watches: Watches;
  readonly #options: InboundProfileOptions;
  readonly #metrics: HttpMetrics;
  readonly #profiles: IdleCache<WatchedProfile>;

  /** `metrics`: the families of profile routes. */
  constructor(watches: Watches, options: InboundProfileOptions, metrics: HttpMetrics) {
    this.#watches = watches;
    this.#options = options;
    this.#metrics = metrics;
    this.#profiles = new IdleCache(options, watches.clock);
  }

  acquire(name: NamedDestination): Lease<WatchedProfile> | null {
    if (!isUnder(this.#options.suffixes, name.host)) return null;
    const lease = this.#profiles.acquire(formatDestination(name), () => this.#watch(name));
    if (lease === null) this.#watches.metrics.onRefused('profile');
    return lease;
  }

  close(): void {
    this.#profiles.close();
  }

  #watch(name: NamedDestination): WatchedProfile {
    const path = formatDestination(name);
    const { contextToken, waitMs } = this.#options;
    return new WatchedProfile(name.port, waitMs, this.#metrics, this.#watches.clock, (onProfile) =>
      this.#watches.follow({
        kind: 'profile',
        name: path,
        method: Destination.method.getProfile,
        request: { path, contextToken },
        terminal: [StatusCode.InvalidArgument, StatusCode.FailedPrecondition],
        onMessage: (message) => onProfile(decodeProfile(message)),
        onTerminal: () => onProfile(null),
      }),
    );
  }
}
