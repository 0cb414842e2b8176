import type { NetworkAuthentication } from '@weft/kubernetes';
import { type NetworkInit, policyNetworks } from './authz.ts';

/** The networks a NetworkAuthentication admits clients from. */
export function authenticatedNetworks({ spec }: NetworkAuthentication): readonly NetworkInit[] {
  return policyNetworks(spec.networks);
}
