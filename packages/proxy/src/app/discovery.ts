import { type Cidr, compileNetworks, defaultServerPolicy } from '@weft/policy';
import type { Config } from '../config/config.ts';
import { describePorts } from '../debug-state/describe-inbound.ts';
import { EndpointResolver } from '../discovery/endpoint-resolver.ts';
import { OutboundDiscovery } from '../discovery/outbound-discovery.ts';
import type { Watches } from '../discovery/watch/watches.ts';
import { WatchedInboundPolicies } from '../policy/inbound-policies.ts';
import { WatchedInboundProfiles } from '../profile/inbound-profiles.ts';
import type { Runtime } from './runtime.ts';

/** Destinations and ports that are watched at a time, beyond the configured ones. */
const maxDestinations = 10_000;
const maxPorts = 1000;
/** Names that requests to this pod carry: its services and their aliases. */
const maxInboundProfiles = 1000;

/** Where what the control plane says comes from. */
export interface ControlWatches {
  readonly destination: Watches;
  readonly policy: Watches;
}

/** What the control plane says, as this thread knows it. */
export interface Discovery {
  readonly policies: WatchedInboundPolicies;
  readonly profiles: WatchedInboundProfiles;
  readonly destinations: OutboundDiscovery;
  readonly endpoints: EndpointResolver;
  close(): void;
}

/** Assembles discovery; the policies of the configured ports are watched from now on. */
export function createDiscovery(
  config: Config,
  { debugState, metrics }: Runtime,
  { destination, policy }: ControlWatches,
): Discovery {
  const { inbound, outbound } = config;
  const contextToken = config.destination.context;
  const { workload } = config.policy;
  const endpoints = new EndpointResolver(destination, contextToken);
  const destinations = new OutboundDiscovery(
    {
      profiles: destination,
      policies: policy,
      contextToken,
      workload,
      queue: {
        capacity: outbound.httpQueue.capacity,
        failfastTimeoutMs: outbound.httpQueue.failFastTimeoutMs,
      },
      forwardUnknown: !outbound.ingressMode,
    },
    {
      capacity: maxDestinations,
      profileNetworks: networkSet(config.destination.profileNetworks),
      profileSuffixes: [...config.destination.profileSuffixes, ...inbound.gatewaySuffixes],
    },
  );
  const profiles = new WatchedInboundProfiles(
    destination,
    {
      contextToken,
      suffixes: config.destination.profileSuffixes,
      waitMs: inbound.profileTimeoutMs,
      idleMs: inbound.discoveryIdleTimeoutMs,
      capacity: maxInboundProfiles,
    },
    metrics.profileRoutes.requests,
  );
  const policies = new WatchedInboundPolicies(policy, {
    workload,
    ports: inbound.ports,
    defaultPolicy: (port) =>
      defaultServerPolicy(inbound.defaultPolicy, {
        clusterNetworks: config.policy.clusterNetworks,
        detectTimeoutMs: inbound.detectTimeoutMs,
        opaque: inbound.opaquePorts.has(port),
      }),
    idleMs: inbound.discoveryIdleTimeoutMs,
    capacity: maxPorts,
  });
  debugState.section('inbound', () => describePorts(policies.inForce()));
  return {
    ...{ policies, profiles, destinations, endpoints },
    close() {
      for (const each of [policies, profiles, destinations, endpoints]) each.close();
    },
  };
}

/** Networks without exceptions. */
const networkSet = (networks: readonly Cidr[]) =>
  compileNetworks(networks.map((net) => ({ net, except: [] })));
