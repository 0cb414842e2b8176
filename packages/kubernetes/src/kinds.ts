import type { z } from 'zod';
import {
  type Namespace,
  type Node,
  namespaceSchema,
  nodeSchema,
  type ServiceAccount,
  serviceAccountSchema,
} from './resources/cluster.ts';
import { type EndpointSlice, endpointSliceSchema } from './resources/endpoint-slice.ts';
import { type Pod, podSchema } from './resources/pod.ts';
import {
  type AuthorizationPolicy,
  authorizationPolicySchema,
  type HttpLocalRateLimitPolicy,
  httpLocalRateLimitPolicySchema,
  type MeshTlsAuthentication,
  meshTlsAuthenticationSchema,
  type NetworkAuthentication,
  networkAuthenticationSchema,
  type Server,
  type ServerAuthorization,
  serverAuthorizationSchema,
  serverSchema,
} from './resources/policy.ts';
import {
  type GrpcRoute,
  grpcRouteSchema,
  type HttpRoute,
  httpRouteSchema,
  type TcpRoute,
  type TlsRoute,
  tcpRouteSchema,
  tlsRouteSchema,
} from './resources/route.ts';
import { type Service, serviceSchema } from './resources/service.ts';
import { type ServiceProfile, serviceProfileSchema } from './resources/service-profile.ts';
import {
  type CronJob,
  cronJobSchema,
  type DaemonSet,
  type Deployment,
  daemonSetSchema,
  deploymentSchema,
  type Job,
  jobSchema,
  type ReplicaSet,
  replicaSetSchema,
  type StatefulSet,
  statefulSetSchema,
} from './resources/workload.ts';

/** Every kind the mesh reads. `HTTPRoute` is in two API groups; Linkerd's own carries a prefix here. */
export interface ResourceByKind {
  Namespace: Namespace;
  Node: Node;
  ServiceAccount: ServiceAccount;
  Pod: Pod;
  Service: Service;
  EndpointSlice: EndpointSlice;
  Deployment: Deployment;
  ReplicaSet: ReplicaSet;
  StatefulSet: StatefulSet;
  DaemonSet: DaemonSet;
  Job: Job;
  CronJob: CronJob;
  Server: Server;
  AuthorizationPolicy: AuthorizationPolicy;
  MeshTLSAuthentication: MeshTlsAuthentication;
  NetworkAuthentication: NetworkAuthentication;
  ServerAuthorization: ServerAuthorization;
  HTTPLocalRateLimitPolicy: HttpLocalRateLimitPolicy;
  ServiceProfile: ServiceProfile;
  PolicyHTTPRoute: HttpRoute;
  HTTPRoute: HttpRoute;
  GRPCRoute: GrpcRoute;
  TLSRoute: TlsRoute;
  TCPRoute: TcpRoute;
}

export type Kind = keyof ResourceByKind;
export type Resource = ResourceByKind[Kind];

export interface KindDefinition {
  /** The API group; empty for the core group. Any version of it is read. */
  readonly group: string;
  /** The `kind` as manifests spell it. */
  readonly kind: string;
  readonly namespaced: boolean;
  readonly schema: z.ZodType;
}

const POLICY = 'policy.linkerd.io';
const GATEWAY = 'gateway.networking.k8s.io';

const define = (
  group: string,
  kind: string,
  schema: z.ZodType,
  scope: { namespaced: boolean } = { namespaced: true },
): KindDefinition => ({ group, kind, schema, ...scope });

export const kindDefinitions: Readonly<Record<Kind, KindDefinition>> = {
  Namespace: define('', 'Namespace', namespaceSchema, { namespaced: false }),
  Node: define('', 'Node', nodeSchema, { namespaced: false }),
  ServiceAccount: define('', 'ServiceAccount', serviceAccountSchema),
  Pod: define('', 'Pod', podSchema),
  Service: define('', 'Service', serviceSchema),
  EndpointSlice: define('discovery.k8s.io', 'EndpointSlice', endpointSliceSchema),
  Deployment: define('apps', 'Deployment', deploymentSchema),
  ReplicaSet: define('apps', 'ReplicaSet', replicaSetSchema),
  StatefulSet: define('apps', 'StatefulSet', statefulSetSchema),
  DaemonSet: define('apps', 'DaemonSet', daemonSetSchema),
  Job: define('batch', 'Job', jobSchema),
  CronJob: define('batch', 'CronJob', cronJobSchema),
  Server: define(POLICY, 'Server', serverSchema),
  AuthorizationPolicy: define(POLICY, 'AuthorizationPolicy', authorizationPolicySchema),
  MeshTLSAuthentication: define(POLICY, 'MeshTLSAuthentication', meshTlsAuthenticationSchema),
  NetworkAuthentication: define(POLICY, 'NetworkAuthentication', networkAuthenticationSchema),
  ServerAuthorization: define(POLICY, 'ServerAuthorization', serverAuthorizationSchema),
  HTTPLocalRateLimitPolicy: define(POLICY, 'HTTPLocalRateLimitPolicy', httpLocalRateLimitPolicySchema),
  ServiceProfile: define('linkerd.io', 'ServiceProfile', serviceProfileSchema),
  PolicyHTTPRoute: define(POLICY, 'HTTPRoute', httpRouteSchema),
  HTTPRoute: define(GATEWAY, 'HTTPRoute', httpRouteSchema),
  GRPCRoute: define(GATEWAY, 'GRPCRoute', grpcRouteSchema),
  TLSRoute: define(GATEWAY, 'TLSRoute', tlsRouteSchema),
  TCPRoute: define(GATEWAY, 'TCPRoute', tcpRouteSchema),
};

export const allKinds = Object.keys(kindDefinitions) as readonly Kind[];

const kindByGroupAndName = new Map(
  allKinds.map((kind) => [`${kindDefinitions[kind].group}/${kindDefinitions[kind].kind}`, kind]),
);

/** Which kind a manifest with this `apiVersion` and `kind` is; undefined for kinds the mesh does not read. */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  const slash = apiVersion.indexOf('/');
  return kindByGroupAndName.get(`${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`);
}
