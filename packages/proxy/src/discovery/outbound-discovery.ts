import type { NetworkSet } from '@weft/policy';
import type { Discovered } from '../outbound/ports.ts';
import { type Destination, formatDestination, isUnder } from './destination.ts';
import { type DestinationContext, DiscoveredDestination } from './discovered-destination.ts';
import { DiscoveryError } from './discovery-error.ts';
import { IdleCache } from './watch/idle-cache.ts';

export interface OutboundDiscoveryOptions {
  /** How long a destination is kept after its last use (OUTBOUND_DISCOVERY_IDLE_TIMEOUT). */
  readonly idleMs: number;
  /** Destinations known at a time; connections for more are refused. */
  readonly capacity: number;
  /** Addresses that may have a profile. */
  readonly profileNetworks: NetworkSet;
  /** Names that may have one: lower case, ending in a dot. */
  readonly profileSuffixes: readonly string[];
}

/** A destination in use; it may be forgotten some time after everyone has released it. */
export interface DiscoveredHandle extends Discovered {
  release(): void;
}

/** What the control plane says of destinations, asked once for all connections to the same one. */
export class OutboundDiscovery {
  readonly #context: DestinationContext;
  readonly #options: OutboundDiscoveryOptions;
  readonly #cache: IdleCache<DiscoveredDestination>;

  constructor(context: DestinationContext, options: OutboundDiscoveryOptions) {
    this.#context = context;
    this.#options = options;
    this.#cache = new IdleCache(options, context.policies.clock);
  }

  /**
   * Resolves once the control plane has answered, however long that takes; later changes reach the handle.
   * Rejects with a DiscoveryError or the signal's reason.
   */
  async discover(destination: Destination, signal: AbortSignal): Promise<DiscoveredHandle> {
    signal.throwIfAborted();
    const key = formatDestination(destination);
    const lease = this.#cache.acquire(key, () => this.#open(destination));
    if (lease === null) {
      this.#context.policies.metrics.onRefused('outbound_policy');
      throw new DiscoveryError('too_many', key, 'too many destinations are in use');
    }
    try {
      const { profile, policy } = await unlessAborted(lease.value.ready, signal);
      return { profile, policy, release: lease.release };
    } catch (error) {
      // Who asks next is to hear what the control plane says then.
      if (error instanceof DiscoveryError) lease.discard();
      else lease.release();
      throw error;
    }
  }

  close(): void {
    this.#cache.close();
  }

  #open(destination: Destination): DiscoveredDestination {
    const { profileNetworks, profileSuffixes } = this.#options;
    const profiled =
      destination.kind === 'address'
        ? profileNetworks.contains(destination.ip)
        : isUnder(profileSuffixes, destination.host);
    return new DiscoveredDestination(destination, profiled, this.#context);
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
