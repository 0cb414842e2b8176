export { ClusterIpAllocator, InvalidCidrError } from './derive/cluster-ip-allocator.ts';
export { DerivedSource, type DerivedSourceOptions } from './derive/derived-source.ts';
export { endpointSlicesFor } from './derive/endpoint-slices.ts';
export {
  allKinds,
  type Kind,
  type KindDefinition,
  kindDefinitions,
  kindOf,
  type Resource,
  type ResourceByKind,
} from './kinds.ts';
export { type Decoded, decodeResource } from './manifests/decode-resource.ts';
export { emptyManifestFile, type ManifestFile, readManifestFile } from './manifests/manifest-file.ts';
export type { DocumentProblem, ManifestProblem, ManifestProblemCode } from './manifests/problem.ts';
export { type Manifests, type ManifestsOptions, openManifests } from './open-manifests.ts';
export { type Namespace, type Node, type ServiceAccount, ZONE_LABEL } from './resources/cluster.ts';
export {
  type EndpointSlice,
  SERVICE_NAME_LABEL,
  type SliceEndpoint,
  serviceNameOf,
} from './resources/endpoint-slice.ts';
export { hasLabels, type LabelSelector, selects } from './resources/label-selector.ts';
export type { ObjectMeta, OwnerReference } from './resources/metadata.ts';
export { type Owner, type OwnerLookup, ownerOf } from './resources/owner.ts';
export {
  allContainers,
  type Container,
  hostIps,
  isFinished,
  isReady,
  isRunning,
  type Pod,
  type PodSpec,
  type PodTemplate,
  podIps,
  serviceAccountOf,
} from './resources/pod.ts';
export type {
  AuthorizationPolicy,
  HttpLocalRateLimitPolicy,
  MeshTlsAuthentication,
  NetworkAuthentication,
  PolicyNetwork,
  PolicyTargetRef,
  Server,
  ServerAuthorization,
} from './resources/policy.ts';
export type { GrpcRoute, HttpRoute, TcpRoute, TlsRoute } from './resources/route.ts';
export { clusterIps, isHeadless, type Service, type ServicePort } from './resources/service.ts';
export type {
  ProfileRequestMatch,
  ProfileResponseMatch,
  ProfileRoute,
  ServiceProfile,
} from './resources/service-profile.ts';
export type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  StatefulSet,
} from './resources/workload.ts';
export { CompositeSource } from './sources/composite-source.ts';
export { DirectorySource, type DirectorySourceOptions } from './sources/directory-source.ts';
export { type Changes, MemorySource } from './sources/memory-source.ts';
export { ResourceIndex } from './sources/resource-index.ts';
export {
  keyOf,
  keyText,
  type ListOptions,
  type ResourceEvent,
  type ResourceKey,
  type ResourceListener,
  type ResourceSource,
  type Typed,
} from './sources/source.ts';
export { waitUntilSynced } from './sources/wait-until-synced.ts';
