import { type Pod, type Server, selects } from '@weft/kubernetes';
import type { ClusterReader } from '../cluster/cluster.ts';
import type { MeshConfig } from '../mesh-config.ts';
import { namedPorts, traitsOf } from './pod-traits.ts';

function leadsTo(server: Server, pod: Pod, port: number): boolean {
  const { port: target } = server.spec;
  if (typeof target === 'number') return target === port;
  return namedPorts(pod).some((declared) => declared.name === target && declared.port === port);
}

/** Whether a pod's port carries a protocol that proxies must not look into: by annotation, or by a Server. */
export function isOpaquePort(cluster: ClusterReader, config: MeshConfig, pod: Pod, port: number): boolean {
  if ((traitsOf(pod).opaquePorts ?? config.defaultOpaquePorts).has(port)) return true;
  return cluster
    .inNamespace('Server', pod.metadata.namespace)
    .some(
      (server) =>
        server.spec.proxyProtocol === 'opaque' &&
        selects(server.spec.podSelector, pod.metadata.labels) &&
        leadsTo(server, pod, port),
    );
}
