import { renameSync, writeFileSync } from 'node:fs';
import type { ContainerState } from '../pod/container-supervisor.ts';
import type { RunningPod } from '../pod/kubelet.ts';
import type { Mesh } from './mesh.ts';
import type { MeshOptions } from './options.ts';
import { STATE_FILE } from './paths.ts';

/** One container of a mesh, for commands that look at it from outside. */
export interface ContainerReport {
  readonly name: string;
  readonly state: ContainerState['state'];
  readonly ready: boolean;
  readonly exitCode: number | undefined;
  readonly restarts: number;
  /** The container's first process, by the mesh's numbering. */
  readonly pid: number | undefined;
}

export interface PodReport {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** Kind and name of the workload, `deployment/web`. */
  readonly owner: string;
  readonly networkNamespace: string;
  /** Inside the mesh's file system; `logs/CONTAINER.log` lies in it. */
  readonly directory: string;
  readonly containers: readonly ContainerReport[];
}

export interface MeshReport {
  readonly id: string;
  readonly directory: string;
  readonly pods: readonly PodReport[];
}

const INTERVAL_MS = 250;

/** Describes the mesh in a file of its own memory, which other commands read through `/proc/PID/root`. */
export class StateFile {
  readonly #timer: NodeJS.Timeout;
  #last = '';

  constructor(mesh: Mesh, { meshId, directory }: Pick<MeshOptions, 'meshId' | 'directory'>) {
    const write = () => void this.#write(mesh, meshId, directory);
    write();
    this.#timer = setInterval(write, INTERVAL_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #write(mesh: Mesh, id: string, directory: string): Promise<void> {
    const report: MeshReport = { id, directory, pods: await Promise.all(mesh.kubelet.pods.map(podReport)) };
    const text = JSON.stringify(report);
    if (text === this.#last) return;
    this.#last = text;
    writeFileSync(`${STATE_FILE}.next`, text);
    renameSync(`${STATE_FILE}.next`, STATE_FILE);
  }
}

async function podReport({ pod, ip, runner, networkNamespace, directory }: RunningPod): Promise<PodReport> {
  const containers = await Promise.all(
    runner.containers.map(async ({ container, state, restarts, process }) => ({
      name: container.name,
      state: state.state,
      ready: state.state === 'running' && state.ready,
      exitCode: state.state === 'terminated' ? state.exit.code : undefined,
      restarts,
      pid: process?.running ? await process.pid() : undefined,
    })),
  );
  return {
    namespace: pod.metadata.namespace ?? 'default',
    name: pod.metadata.name,
    ip,
    phase: runner.phase,
    ready: runner.ready,
    terminating: runner.state.state === 'terminating',
    owner: ownerName(pod),
    networkNamespace,
    directory,
    containers,
  };
}

/** The workload as people name it: a ReplicaSet's template hash tells them nothing. */
export function ownerName({ metadata }: RunningPod['pod']): string {
  const owner = metadata.ownerReferences?.[0];
  if (owner === undefined) return `pod/${metadata.name}`;
  if (owner.kind !== 'ReplicaSet') return `${owner.kind.toLowerCase()}/${owner.name}`;
  return `deployment/${owner.name.replace(/-[0-9a-f]{10}$/, '')}`;
}
