import { readdirSync, readFileSync } from 'node:fs';
import { cpuSeconds, residentMegabytes } from '../src/usage.ts';
import type { BenchCluster } from './cluster.ts';

export const SERVICES = ['identity', 'destination', 'proxy-injector'] as const;
export type ServiceName = (typeof SERVICES)[number];

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
    readonly status: { readonly phase?: string; readonly podIP?: string };
  }[];
}

/** One service of the control plane: where it answers, and its process on this machine. */
export class ControlPlaneService {
  readonly address: string;
  readonly #pid: number;

  constructor(address: string, pid: number) {
    this.address = address;
    this.#pid = pid;
  }

  /** CPU seconds used so far. */
  get cpuSeconds(): number {
    return cpuSeconds([this.#pid]);
  }

  /** Memory in MB: resident, and its proportional share of it (PSS). */
  get memory(): { readonly resident: number; readonly proportional: number } {
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    const resident = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
    return { resident, proportional: residentMegabytes([this.#pid]) };
  }
}

/** Finds a service's only pod and its process. @throws Error when there is not exactly one. */
export async function findService(
  cluster: BenchCluster,
  namespace: string,
  name: ServiceName,
): Promise<ControlPlaneService> {
  const { items } = (await cluster.get(`/api/v1/namespaces/${namespace}/pods`, {
    labelSelector: `linkerd.io/control-plane-component=${name}`,
  })) as PodList;
  const running = items.filter(
    ({ metadata, status }) => status.phase === 'Running' && metadata.deletionTimestamp === undefined,
  );
  const [pod, ...others] = running;
  if (pod?.status.podIP === undefined || others.length > 0)
    throw new Error(`${running.length} pods of ${name} run in ${namespace}; the benchmark needs exactly one`);
  return new ControlPlaneService(pod.status.podIP, processOf(name, pod.metadata.uid));
}

function processOf(name: ServiceName, podUid: string): number {
  const isOurs = (pid: string) => {
    const command = read(`/proc/${pid}/cmdline`).split('\0');
    // The kubelet names control groups after pods, with underscores where systemd makes them.
    const groups = read(`/proc/${pid}/cgroup`).replaceAll('_', '-');
    return command.some((argument) => argument.endsWith(`/${name}.mjs`)) && groups.includes(podUid);
  };
  const pid = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && isOurs(entry));
  if (pid === undefined) throw new Error(`the process of ${name} is not on this machine`);
  return Number(pid);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
