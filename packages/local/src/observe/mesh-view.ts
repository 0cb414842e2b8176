import type { Cluster } from '../cluster/cluster.ts';
import type { Container, Pod } from '../cluster/objects.ts';
import { virtualPorts } from '../cluster/views.ts';
import { ownerName } from '../mesh/state-file.ts';
import type { Kubelet, RunningPod } from '../pod/kubelet.ts';
import { PROXY_CONTAINER, PROXY_INIT_CONTAINER } from '../pod/program.ts';
import type { ObservablePod } from './observer.ts';
import type { AddressBook } from './workloads.ts';

const ADMIN_PORT = 4191;

export interface MeshNames {
  readonly controlPlaneNamespace: string;
  readonly trustDomain: string;
}

/** The pods to observe: all that run but the control plane's own. */
export async function observablePods(kubelet: Kubelet, names: MeshNames): Promise<readonly ObservablePod[]> {
  const pods = kubelet.pods.filter(({ pod }) => pod.metadata.namespace !== names.controlPlaneNamespace);
  return Promise.all(pods.map((running) => observable(running, names)));
}

async function observable(running: RunningPod, names: MeshNames): Promise<ObservablePod> {
  const { pod, ip, runner } = running;
  const processes = runner.containers.map(({ process }) => process).filter((process) => process?.running);
  return { ...describe(pod, ip, names), adminPort: adminPort(pod), pid: await processes[0]?.pid() };
}

function describe(pod: Pod, ip: string, { controlPlaneNamespace, trustDomain }: MeshNames) {
  const { namespace = 'default', name } = pod.metadata;
  const account = pod.spec.serviceAccountName ?? 'default';
  return {
    namespace,
    name,
    ip,
    workload: `${namespace}/${ownerName(pod).replace(/^[^/]+\//, '')}`,
    meshed: container(pod, PROXY_CONTAINER) !== undefined,
    identity: `${account}.${namespace}.serviceaccount.identity.${controlPlaneNamespace}.${trustDomain}`,
    skippedOutbound: initPorts(pod, '--outbound-ports-to-ignore'),
    skippedInbound: initPorts(pod, '--inbound-ports-to-ignore'),
  };
}

/** Resolves addresses against the pods and services of this moment. */
export function addressBook(pods: readonly ObservablePod[], cluster: Cluster): AddressBook {
  const byIp = new Map(pods.map((pod) => [pod.ip, pod]));
  const targets = new Map(
    virtualPorts(cluster.source).map(({ clusterIp, port, targets: all }) => [`${clusterIp}:${port}`, all[0]]),
  );
  return {
    podByIp: (ip) => byIp.get(ip),
    behindClusterIp: (ip, port) => {
      const target = targets.get(`${ip}:${port}`);
      const pod = target && byIp.get(target.ip);
      return target && pod ? { pod, port: target.port } : undefined;
    },
  };
}

function container({ spec }: Pod, name: string): Container | undefined {
  return [...(spec.initContainers ?? []), ...spec.containers].find((candidate) => candidate.name === name);
}

/** The ports that the pod's iptables leave alone, from the arguments of the container that sets them. */
function initPorts(pod: Pod, flag: string): readonly string[] {
  const { args = [] } = container(pod, PROXY_INIT_CONTAINER) ?? {};
  const at = args.indexOf(flag);
  return at < 0 ? [] : (args[at + 1] ?? '').split(',').filter((item) => item !== '');
}

function adminPort(pod: Pod): number {
  const env = container(pod, PROXY_CONTAINER)?.env ?? [];
  const address = env.find(({ name }) => name === 'LINKERD2_PROXY_ADMIN_LISTEN_ADDR')?.value;
  return Number(address?.split(':').pop() ?? ADMIN_PORT);
}
