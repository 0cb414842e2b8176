import { z } from 'zod';
import { isNamespace, isServiceAccount, type Reference, referenceSchema, refersTo } from './reference.ts';

const POLICY = 'policy.linkerd.io';
const GATEWAY = 'gateway.networking.k8s.io';

const isTarget = (target: Reference) =>
  isNamespace(target) ||
  refersTo(target, POLICY, 'Server') ||
  refersTo(target, POLICY, 'HTTPRoute') ||
  refersTo(target, GATEWAY, 'HTTPRoute') ||
  refersTo(target, GATEWAY, 'GRPCRoute');

const isMeshTls = (reference: Reference) => refersTo(reference, POLICY, 'MeshTLSAuthentication');
const isNetwork = (reference: Reference) => refersTo(reference, POLICY, 'NetworkAuthentication');

const authenticationSchema = referenceSchema.refine(
  (reference) => isMeshTls(reference) || isNetwork(reference) || isServiceAccount(reference),
  'must be a MeshTLSAuthentication or NetworkAuthentication of policy.linkerd.io, or a ServiceAccount',
);

const authenticationsSchema = z
  .array(authenticationSchema, { error: 'must be a list of authentications; an empty one allows everybody' })
  .superRefine((references, { addIssue }) => {
    const count = (is: (reference: Reference) => boolean) => references.filter(is).length;
    const refuse = (message: string) => addIssue({ code: 'custom', message });
    const [meshTls, accounts, networks] = [isMeshTls, isServiceAccount, isNetwork].map(count) as [
      number,
      number,
      number,
    ];
    if (meshTls > 1) refuse('must name at most one MeshTLSAuthentication, since all must hold at once');
    if (accounts > 1) refuse('must name at most one ServiceAccount, since all must hold at once');
    if (meshTls > 0 && accounts > 0)
      refuse('must not name both a MeshTLSAuthentication and a ServiceAccount');
    if (networks > 1) refuse('must name at most one NetworkAuthentication, since all must hold at once');
  });

/** The spec of an AuthorizationPolicy of a namespace. */
export function authorizationPolicySpec(namespace: string) {
  const targetRef = referenceSchema
    .refine(isTarget, 'must be a Server, a Namespace, an HTTPRoute or a GRPCRoute, with its group')
    .refine((target) => !isNamespace(target) || target.name === namespace, {
      error: `must be the policy's own namespace, ${namespace}`,
      path: ['name'],
    });
  return z.looseObject({ targetRef, requiredAuthenticationRefs: authenticationsSchema });
}
