import { ownerOf, type Pod } from '@weft/kubernetes';
import type { ClusterReader } from '../cluster/cluster.ts';
import { type MeshConfig, serviceAccountIdentity } from '../mesh-config.ts';
import { isOpaquePort } from '../workload/opaque-port.ts';
import { traitsOf } from '../workload/pod-traits.ts';
import { bareEndpoint, type EndpointFacts, hintFor } from './facts.ts';

const TEMPLATE_HASH_LABEL = 'pod-template-hash';

export interface PodEndpoint {
  readonly facts: EndpointFacts;
  /** Whether the port is opaque, also when the pod has no proxy. */
  readonly opaque: boolean;
  /** Why the pod has no usable proxy although it is labelled as having one. */
  readonly broken: string | undefined;
}

/** What metrics call the pod; `job` would collide with Prometheus' own label. */
function labelsOf(cluster: ClusterReader, pod: Pod, zone: string): Record<string, string> {
  const { name, labels } = pod.metadata;
  const { serviceAccount, controlPlane } = traitsOf(pod);
  const owner = ownerOf(pod, (kind, namespace, ownerName) => cluster.get(kind, namespace, ownerName));
  const hash = labels[TEMPLATE_HASH_LABEL];
  return {
    pod: name,
    [owner.kind === 'job' ? 'k8s_job' : owner.kind]: owner.name,
    serviceaccount: serviceAccount,
    ...(controlPlane === '' ? {} : { control_plane_ns: controlPlane }),
    ...(hash === undefined ? {} : { pod_template_hash: hash }),
    zone,
  };
}

/** One port of a pod as an endpoint. */
export function podEndpoint(
  cluster: ClusterReader,
  config: MeshConfig,
  {
    pod,
    ip,
    port,
    zone,
  }: { readonly pod: Pod; readonly ip: string; readonly port: number; readonly zone: string },
): PodEndpoint {
  const { controlPlane, serviceAccount, skipInboundPorts, proxyPorts } = traitsOf(pod);
  const opaque = isOpaquePort(cluster, config, pod, port);
  const plain = { ...bareEndpoint(ip, port), labels: labelsOf(cluster, pod, zone) };
  if (proxyPorts === undefined || skipInboundPorts.has(port))
    return { facts: plain, opaque, broken: undefined };
  if (proxyPorts.type === 'unreadable') return { facts: plain, opaque, broken: proxyPorts.reason };

  const { inbound, admin, control } = proxyPorts.ports;
  const name = serviceAccountIdentity(config, pod.metadata.namespace, serviceAccount);
  const ours = controlPlane === config.controlPlaneNamespace && config.identityTrustDomain !== '';
  const facts: EndpointFacts = {
    ...plain,
    http2: true,
    tls: ours ? { type: 'dns', name, serverName: name } : undefined,
    // The proxy answers on its own ports itself: there is nothing behind to be reached through it.
    hint: hintFor(config, opaque, port === admin || port === control ? undefined : inbound),
  };
  return { facts, opaque, broken: undefined };
}
