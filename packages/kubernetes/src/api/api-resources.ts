import { type Kind, kindDefinitions } from '../kinds.ts';

/** How an API server names a kind, and how much of it is read. */
export interface ApiResource {
  readonly plural: string;
  /** Served versions that say what is read here, the preferred one first. */
  readonly versions: readonly [string, ...string[]];
  /** `metadata`: the server is asked for metadata alone, since nobody reads the rest. */
  readonly read: 'whole' | 'metadata';
}

const whole = (plural: string, ...versions: [string, ...string[]]): ApiResource => ({
  plural,
  versions,
  read: 'whole',
});

const metadataOf = (plural: string, version = 'v1'): ApiResource => ({
  plural,
  versions: [version],
  read: 'metadata',
});

export const apiResources: Readonly<Record<Kind, ApiResource>> = {
  Namespace: metadataOf('namespaces'),
  Node: metadataOf('nodes'),
  ServiceAccount: metadataOf('serviceaccounts'),
  Pod: whole('pods', 'v1'),
  Service: whole('services', 'v1'),
  EndpointSlice: whole('endpointslices', 'v1'),
  Deployment: metadataOf('deployments'),
  ReplicaSet: metadataOf('replicasets'),
  StatefulSet: metadataOf('statefulsets'),
  DaemonSet: metadataOf('daemonsets'),
  Job: metadataOf('jobs'),
  CronJob: metadataOf('cronjobs'),
  Server: whole('servers', 'v1beta3', 'v1beta2', 'v1beta1'),
  AuthorizationPolicy: whole('authorizationpolicies', 'v1alpha1'),
  MeshTLSAuthentication: whole('meshtlsauthentications', 'v1alpha1'),
  NetworkAuthentication: whole('networkauthentications', 'v1alpha1'),
  ServerAuthorization: whole('serverauthorizations', 'v1beta1', 'v1alpha1'),
  HTTPLocalRateLimitPolicy: whole('httplocalratelimitpolicies', 'v1alpha1'),
  ServiceProfile: whole('serviceprofiles', 'v1alpha2', 'v1alpha1'),
  PolicyHTTPRoute: whole('httproutes', 'v1beta3', 'v1beta2', 'v1beta1', 'v1alpha1'),
  HTTPRoute: whole('httproutes', 'v1', 'v1beta1'),
  GRPCRoute: whole('grpcroutes', 'v1', 'v1alpha2'),
  TLSRoute: whole('tlsroutes', 'v1', 'v1alpha3', 'v1alpha2'),
  TCPRoute: whole('tcproutes', 'v1alpha2'),
};

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(kind: Kind, version: string): string {
  const { group } = kindDefinitions[kind];
  return group === '' ? version : `${group}/${version}`;
}

export interface ObjectPlace {
  /** Empty or absent: all namespaces, or a kind without any. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** The path of a collection, of one object or of a part of it, under `apiVersion` (`v1`, `apps/v1`). */
export function resourcePath(
  apiVersion: string,
  plural: string,
  { namespace = '', name, subresource }: ObjectPlace = {},
): string {
  const parts = [apiVersion.includes('/') ? 'apis' : 'api', apiVersion];
  if (namespace !== '') parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return `/${parts.join('/')}`;
}

/** What to accept for one object, and for a list or a watch of them. */
export function acceptFor({ read }: ApiResource, what: 'object' | 'list' | 'watch'): string {
  if (read === 'whole') return 'application/json';
  const kind = what === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return `application/json;as=${kind};g=meta.k8s.io;v=v1`;
}
