import type { MeshConfig } from '../../mesh-config.ts';
import { type AuthzInit, allNetworks, anyMeshClient, authorization, networks } from './authz.ts';

/** What a port allows when nothing says otherwise. */
export const defaultPolicies = [
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
  'audit',
] as const;

export type DefaultPolicy = (typeof defaultPolicies)[number];

export function parseDefaultPolicy(text: string | undefined): DefaultPolicy | undefined {
  return defaultPolicies.find((policy) => policy === text);
}

/** The same policy for a port that demands an identity of its clients. */
export function requireIdentity(policy: DefaultPolicy): DefaultPolicy {
  switch (policy) {
    case 'all-unauthenticated':
      return 'all-authenticated';
    case 'cluster-unauthenticated':
      return 'cluster-authenticated';
    default:
      return policy;
  }
}

/** What the policy allows. `audit` allows all, and proxies note whom the port would have denied. */
export function defaultAuthorizations(config: MeshConfig, policy: DefaultPolicy): readonly AuthzInit[] {
  if (policy === 'deny') return [];
  const from = policy.startsWith('cluster-') ? networks(config.clusterNetworks) : allNetworks;
  const authentication = policy.endsWith('-authenticated')
    ? anyMeshClient
    : ({ permit: { case: 'unauthenticated', value: {} } } as const);
  return [authorization({ type: 'default', name: policy }, from, authentication)];
}
