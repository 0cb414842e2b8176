import {
  decodeOutbound,
  decodeProfile,
  encodeTcpAddress,
  type OutboundPolicy,
  type Profile,
  type Queue,
  synthesizeNamed,
  synthesizeOutbound,
} from '@weft/policy';
import { Destination as DestinationService } from '@weft/proto/destination';
import { OutboundPolicies } from '@weft/proto/outbound';
import { type GrpcStatus, StatusCode } from '../grpc/status.ts';
import type { Discovered } from '../outbound/ports.ts';
import { type Destination, formatDestination } from './destination.ts';
import { DiscoveryError } from './discovery-error.ts';
import { Value } from './watch/value.ts';
import type { Watches } from './watch/watches.ts';

export interface DestinationContext {
  readonly profiles: Watches;
  readonly policies: Watches;
  /** Sent as it is with profile lookups. */
  readonly contextToken: string;
  /** Sent as it is with policy lookups. */
  readonly workload: string;
  /** For backends made here. */
  readonly queue: Queue;
  /** Whether connections to addresses of which nothing is known go on to where they were going. */
  readonly forwardUnknown: boolean;
}

type PolicyState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'known'; readonly policy: OutboundPolicy }
  /** The policy service knows nothing: made from the profile, and again whenever that changes. */
  | { readonly kind: 'synthesized' }
  | { readonly kind: 'failed'; readonly error: DiscoveryError };

/** Everything known of one destination, kept up to date until it is closed. */
export class DiscoveredDestination {
  readonly #destination: Destination;
  readonly #context: DestinationContext;
  readonly #stops: (() => void)[] = [];
  /** undefined: not known yet; null: there is none. */
  #profile: Profile | null | undefined;
  #policy: PolicyState = { kind: 'waiting' };
  #discovered: { readonly profile: Value<Profile | null>; readonly policy: Value<OutboundPolicy> } | null =
    null;
  readonly #ready = Promise.withResolvers<Discovered>();

  /** `profiled`: whether the destination is one that may have a profile. */
  constructor(destination: Destination, profiled: boolean, context: DestinationContext) {
    this.#destination = destination;
    this.#context = context;
    if (profiled) this.#watchProfile();
    else this.#profile = null;
    this.#watchPolicy();
  }

  /** Resolves with the first complete answer, rejects with a DiscoveryError. May take for ever. */
  get ready(): Promise<Discovered> {
    return this.#ready.promise;
  }

  /** Who still waits hears the reason. */
  close(reason: unknown): void {
    for (const stop of this.#stops) stop();
    this.#ready.reject(reason);
  }

  #watchProfile(): void {
    const { profiles, contextToken } = this.#context;
    const stop = profiles.follow({
      kind: 'profile',
      name: formatDestination(this.#destination),
      method: DestinationService.method.getProfile,
      request: { path: formatDestination(this.#destination), contextToken },
      terminal: [StatusCode.InvalidArgument, StatusCode.FailedPrecondition],
      onMessage: (message) => {
        this.#profile = decodeProfile(message);
        this.#publish();
      },
      onTerminal: () => {
        this.#profile ??= null;
        this.#publish();
      },
    });
    this.#stops.push(stop);
  }

  #watchPolicy(): void {
    const { policies, workload } = this.#context;
    const { log } = policies;
    const name = formatDestination(this.#destination);
    const stop = policies.follow({
      kind: 'outbound_policy',
      name,
      method: OutboundPolicies.method.watch,
      request: { sourceWorkload: workload, target: targetOf(this.#destination) },
      terminal: [
        StatusCode.InvalidArgument,
        StatusCode.FailedPrecondition,
        StatusCode.NotFound,
        StatusCode.Unimplemented,
      ],
      onMessage: (message) => {
        const policy = decodeOutbound(message);
        if (policy.protocol.kind === 'invalid') {
          log.error('Invalid outbound policy: requests fail until it is corrected', {
            destination: name,
            reason: policy.protocol.reason,
          });
        }
        this.#policy = { kind: 'known', policy };
        this.#publish();
      },
      onTerminal: (status) => {
        // A policy that was once known stays in force.
        if (this.#policy.kind === 'known') return;
        this.#policy = this.#afterRefusal(status);
        this.#publish();
      },
    });
    this.#stops.push(stop);
  }

  #afterRefusal({ code, message }: GrpcStatus): PolicyState {
    if (code === StatusCode.NotFound || code === StatusCode.Unimplemented) return { kind: 'synthesized' };
    const name = formatDestination(this.#destination);
    return {
      kind: 'failed',
      error: new DiscoveryError('rejected', name, `the policy service refused: ${message}`),
    };
  }

  /** Tells what is known once all of it is, and every change after that. */
  #publish(): void {
    if (this.#policy.kind === 'failed') {
      this.#ready.reject(this.#policy.error);
      return;
    }
    const profile = this.#profile;
    if (this.#policy.kind === 'waiting' || profile === undefined) return;
    const policy = this.#policy.kind === 'known' ? this.#policy.policy : this.#synthesize(profile);
    if (policy === null) {
      const name = formatDestination(this.#destination);
      const error = new DiscoveryError('unknown', name, 'the control plane knows neither policy nor profile');
      this.#policy = { kind: 'failed', error };
      this.#ready.reject(error);
      return;
    }
    if (this.#discovered === null) {
      this.#discovered = { profile: new Value(profile), policy: new Value(policy) };
      this.#ready.resolve(this.#discovered);
      return;
    }
    if (this.#discovered.profile.current !== profile) this.#discovered.profile.set(profile);
    if (this.#discovered.policy.current !== policy) this.#discovered.policy.set(policy);
  }

  #synthesize(profile: Profile | null): OutboundPolicy | null {
    const { forwardUnknown, queue } = this.#context;
    if (this.#destination.kind === 'address' && forwardUnknown)
      return synthesizeOutbound(profile, this.#destination, queue);
    return profile === null ? null : synthesizeNamed(profile, this.#destination.port, queue);
  }
}

function targetOf(destination: Destination) {
  if (destination.kind === 'name') {
    return { case: 'authority', value: formatDestination(destination) } as const;
  }
  const address = encodeTcpAddress(destination.ip, destination.port);
  return address === null ? ({ case: undefined } as const) : ({ case: 'addr', value: address } as const);
}
