import type { AuthorizationPolicy, PolicyTargetRef, Server } from '@weft/kubernetes';
import type { AnswerContext } from '../../answer-context.ts';
import type { ClusterReader } from '../../cluster/cluster.ts';
import { serviceAccountIdentity } from '../../mesh-config.ts';
import {
  type AuthzInit,
  allNetworks,
  anyClient,
  authorization,
  identityList,
  meshClients,
  type NetworkInit,
  POLICY_GROUP,
} from './authz.ts';
import { meshTlsIdentities } from './mesh-tls-authentication.ts';
import { authenticatedNetworks } from './network-authentication.ts';

/** Whether a policy is for a Server: for it by name, or for its whole namespace. */
export function targetsServer({ metadata, spec }: AuthorizationPolicy, server: Server): boolean {
  if (metadata.namespace !== server.metadata.namespace) return false;
  const { group, kind, name } = spec.targetRef;
  switch (kind.toLowerCase()) {
    case 'server':
      return group === POLICY_GROUP && name === server.metadata.name;
    case 'namespace':
      return (group === '' || group === 'core') && name === metadata.namespace;
    default:
      return false;
  }
}

/** What one required authentication demands, or why the policy cannot be in force. */
type Requirement =
  | { readonly type: 'identities'; readonly identities: readonly string[] }
  | { readonly type: 'networks'; readonly networks: readonly NetworkInit[] }
  | { readonly type: 'unusable'; readonly reason: string };

function requirement(
  cluster: ClusterReader,
  { config }: AnswerContext,
  policyNamespace: string,
  { group, kind, name, namespace = policyNamespace }: PolicyTargetRef,
): Requirement {
  const missing = { type: 'unusable', reason: `${kind} ${namespace}/${name} does not exist` } as const;
  const isPolicy = group.toLowerCase() === POLICY_GROUP;
  const isCore = group === '' || group.toLowerCase() === 'core';
  switch (kind.toLowerCase()) {
    case 'meshtlsauthentication': {
      if (!isPolicy) break;
      const found = cluster.get('MeshTLSAuthentication', namespace, name);
      return found === undefined
        ? missing
        : { type: 'identities', identities: meshTlsIdentities(config, found) };
    }
    case 'networkauthentication': {
      if (!isPolicy) break;
      const found = cluster.get('NetworkAuthentication', namespace, name);
      return found === undefined ? missing : { type: 'networks', networks: authenticatedNetworks(found) };
    }
    case 'serviceaccount':
      if (!isCore) break;
      return { type: 'identities', identities: [serviceAccountIdentity(config, namespace, name)] };
  }
  return { type: 'unusable', reason: `${group}/${kind} is no authentication` };
}

/**
 * A policy as one authorization: all that it requires must hold together. Undefined, and reported, while
 * something it requires is missing or ambiguous: a policy that cannot be understood lets nobody in.
 */
export function policyAuthorization(
  cluster: ClusterReader,
  context: AnswerContext,
  policy: AuthorizationPolicy,
): AuthzInit | undefined {
  const { namespace, name } = policy.metadata;
  const unusable = (reason: string) => {
    context.reporter.unusableObject(policy, reason);
    return undefined;
  };
  let identities: readonly string[] | undefined;
  let networks: readonly NetworkInit[] | undefined;
  for (const ref of policy.spec.requiredAuthenticationRefs) {
    const required = requirement(cluster, context, namespace, ref);
    switch (required.type) {
      case 'unusable':
        return unusable(required.reason);
      case 'identities':
        if (identities !== undefined) return unusable('it requires more than one identity source');
        identities = required.identities;
        break;
      case 'networks':
        if (networks !== undefined) return unusable('it requires more than one NetworkAuthentication');
        networks = required.networks;
        break;
    }
  }
  if (identities?.length === 0 || networks?.length === 0) return unusable('an authentication admits nobody');
  return authorization(
    { type: 'resource', kind: 'authorizationpolicy', name },
    networks ?? allNetworks,
    identities === undefined ? anyClient : meshClients(identityList(identities)),
  );
}
