import type { NetworkSet } from '@weft/policy';
import type { HeldDiscovered } from '../outbound/ports.ts';
import { type Destination, formatDestination, isUnder } from './destination.ts';
import { type DestinationContext, DiscoveredDestination } from './discovered-destination.ts';
import { DiscoveryError } from './discovery-error.ts';

export interface OutboundDiscoveryOptions {
  /** Destinations followed at a time; connections for more are refused. */
  readonly capacity: number;
  /** Addresses that may have a profile. */
  readonly profileNetworks: NetworkSet;
  /** Names that may have one: lower case, ending in a dot. */
  readonly profileSuffixes: readonly string[];
}

/** Asks the control plane about destinations. Remembering the answers is for the caller. */
export class OutboundDiscovery {
  readonly #context: DestinationContext;
  readonly #options: OutboundDiscoveryOptions;
  readonly #open = new Set<DiscoveredDestination>();

  constructor(context: DestinationContext, options: OutboundDiscoveryOptions) {
    this.#context = context;
    this.#options = options;
  }

  /**
   * Resolves once the control plane has answered, however long that takes, and keeps the answer up to date
   * until it is released or the signal is aborted. Rejects with a DiscoveryError or the signal's reason.
   */
  async discover(destination: Destination, signal: AbortSignal): Promise<HeldDiscovered> {
    signal.throwIfAborted();
    if (this.#open.size >= this.#options.capacity) {
      this.#context.policies.metrics.onRefused('outbound_policy');
      const name = formatDestination(destination);
      throw new DiscoveryError('too_many', name, 'too many destinations are in use');
    }
    const discovered = new DiscoveredDestination(destination, this.#isProfiled(destination), this.#context);
    this.#open.add(discovered);
    const close = (reason: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      this.#open.delete(discovered);
      discovered.close(reason);
    };
    const onAbort = (): void => close(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      const { profile, policy } = await discovered.ready;
      return { profile, policy, release: () => close(new Error('released')) };
    } catch (error) {
      close(error);
      throw error;
    }
  }

  close(): void {
    for (const discovered of this.#open) discovered.close(new Error('the proxy is shutting down'));
    this.#open.clear();
  }

  #isProfiled(destination: Destination): boolean {
    const { profileNetworks, profileSuffixes } = this.#options;
    return destination.kind === 'address'
      ? profileNetworks.contains(destination.ip)
      : isUnder(profileSuffixes, destination.host);
  }
}
