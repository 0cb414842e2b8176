export {
  ApiClient,
  type ApiClientObserver,
  type ApiClientOptions,
  type ApiRequest,
} from './api/api-client.ts';
export { ApiError, type ApiErrorCode, type ApiErrorData, isApiError } from './api/api-error.ts';
export {
  type ApiResource,
  apiResources,
  apiVersionOf,
  type ObjectPlace,
  resourcePath,
} from './api/api-resources.ts';
export { type ConnectOptions, connectCluster } from './api/connect-cluster.ts';
export { type Connection, ConnectionError, type Credentials } from './api/connection.ts';
export { fetchMetadata } from './api/fetch-metadata.ts';
export type { Log } from './api/log.ts';
export { ClusterIpAllocator, InvalidCidrError } from './derive/cluster-ip-allocator.ts';
export { DerivedSource, type DerivedSourceOptions } from './derive/derived-source.ts';
export { endpointSlicesFor } from './derive/endpoint-slices.ts';
export type { ClusterEvent, EventSink, ObjectReference } from './events/cluster-event.ts';
export type { EventSource } from './events/event-api.ts';
export { EventRecorder, type EventRecorderOptions } from './events/event-recorder.ts';
export {
  allKinds,
  type Kind,
  type KindDefinition,
  kindDefinitions,
  kindOf,
  type Resource,
  type ResourceByKind,
} from './kinds.ts';
export { LeaderElection, type LeaderElectionOptions } from './leases/leader-election.ts';
export type { LeaseName } from './leases/lease.ts';
export { type Decoded, decodeResource } from './manifests/decode-resource.ts';
export { emptyManifestFile, type ManifestFile, readManifestFile } from './manifests/manifest-file.ts';
export type { DocumentProblem, ManifestProblem, ManifestProblemCode } from './manifests/problem.ts';
export { type OpenClusterOptions, type OpenedCluster, openCluster } from './open-cluster.ts';
export { type Manifests, type ManifestsOptions, openManifests } from './open-manifests.ts';
export { type Namespace, type Node, type ServiceAccount, ZONE_LABEL } from './resources/cluster.ts';
export {
  type EndpointSlice,
  isDerivedFromPods,
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
  servesByItsKubelet,
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
export { type Access, type AccessVerdict, reviewAccess } from './reviews/access-review.ts';
export { AccessDenied, requireAccess } from './reviews/require-access.ts';
export { reviewToken, type TokenReview } from './reviews/token-review.ts';
export {
  ApiServerSource,
  type ApiServerSourceOptions,
  type KindIndex,
} from './sources/api-server/api-server-source.ts';
export type { CheckObject } from './sources/api-server/decode-object.ts';
export { ApiServerMetrics } from './sources/api-server/metrics.ts';
export type { ReflectorObserver, RestartReason } from './sources/api-server/reflector-observer.ts';
export { defaultTiming, type ReflectorTiming } from './sources/api-server/reflector-timing.ts';
export { ApiServerReporter } from './sources/api-server/reporter.ts';
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
export { type PatchStatusOptions, patchStatus } from './status/patch-status.ts';
