import type { Manifest } from '../../harness/folder.ts';

const POLICY = 'policy.linkerd.io';

export function aServer(name: string, spec: object): Manifest {
  return { apiVersion: `${POLICY}/v1beta3`, kind: 'Server', metadata: { name }, spec };
}

export function anAuthorizationPolicy(name: string, spec: object): Manifest {
  return { apiVersion: `${POLICY}/v1alpha1`, kind: 'AuthorizationPolicy', metadata: { name }, spec };
}

export function aMeshTlsAuthentication(name: string, spec: object): Manifest {
  return { apiVersion: `${POLICY}/v1alpha1`, kind: 'MeshTLSAuthentication', metadata: { name }, spec };
}

export function aNetworkAuthentication(name: string, spec: object): Manifest {
  return { apiVersion: `${POLICY}/v1alpha1`, kind: 'NetworkAuthentication', metadata: { name }, spec };
}

export function aServiceProfile(name: string, spec: object): Manifest {
  return { apiVersion: 'linkerd.io/v1alpha2', kind: 'ServiceProfile', metadata: { name }, spec };
}

/** A reference to an object of the mesh's policy. */
export function policyRef(kind: string, name: string): object {
  return { group: POLICY, kind, name };
}
