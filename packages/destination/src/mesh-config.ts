import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Http2ClientParamsSchema } from '@weft/proto/destination';
import type { DefaultPolicy } from './policy/inbound/policy-name.ts';
import type { PortSet } from './workload/port-set.ts';

/** What every answer depends on besides the cluster's objects. */
export interface MeshConfig {
  readonly controlPlaneNamespace: string;
  /** Such as `cluster.local`. */
  readonly clusterDomain: string;
  readonly identityTrustDomain: string;
  /** Opaque ports of workloads and services that name none themselves. */
  readonly defaultOpaquePorts: PortSet;
  readonly defaultPolicy: DefaultPolicy;
  /** CIDRs that belong to the cluster. */
  readonly clusterNetworks: readonly string[];
  /** CIDRs that kubelets probe from; none: no probe is let through by itself. */
  readonly probeNetworks: readonly string[];
  /** Whether proxies carry HTTP/1 to each other over HTTP/2. */
  readonly enableH2Upgrade: boolean;
  /** Whether meshed traffic of every port goes to the proxy's own port with a transport header. */
  readonly forceOpaqueTransport: boolean;
  readonly enableIpv6: boolean;
  /** Whether endpoints in the client's zone weigh ten times as much. */
  readonly zoneWeights: boolean;
  /** How clients should keep HTTP/2 connections to meshed endpoints. */
  readonly meshedHttp2: MessageInitShape<typeof Http2ClientParamsSchema> | undefined;
}

/** The name in the certificate of a service account's workloads. */
export function serviceAccountIdentity(config: MeshConfig, namespace: string, name: string): string {
  return `${name}.${namespaceIdentity(config, namespace)}`;
}

/** The suffix shared by the names of all workloads of a namespace. */
export function namespaceIdentity(config: MeshConfig, namespace: string): string {
  return `${namespace}.serviceaccount.identity.${config.controlPlaneNamespace}.${config.identityTrustDomain}`;
}
