import type { MeshConfig } from '../../mesh-config.ts';
import { type AuthzInit, allNetworks, anyMeshClient, authorization, networks } from './authz.ts';
import type { DefaultPolicy } from './policy-name.ts';

/** What the policy allows. `audit` allows all, and proxies note whom the port would have denied. */
export function defaultAuthorizations(config: MeshConfig, policy: DefaultPolicy): readonly AuthzInit[] {
  if (policy === 'deny') return [];
  const from = policy.startsWith('cluster-') ? networks(config.clusterNetworks) : allNetworks;
  const authentication = policy.endsWith('-authenticated')
    ? anyMeshClient
    : ({ permit: { case: 'unauthenticated', value: {} } } as const);
  return [authorization({ type: 'default', name: policy }, from, authentication)];
}
