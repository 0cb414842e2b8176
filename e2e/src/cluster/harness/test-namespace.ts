import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, root } from '../../harness/folder.ts';
import type { Output } from '../../harness/run-program.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { apply, kubectl, list, tryKubectl } from './kubectl.ts';

/** A pod, as far as tests look at it. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly containers: readonly { readonly name: string; readonly image: string }[];
    readonly initContainers?: readonly { readonly name: string; readonly restartPolicy?: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: Readonly<Record<string, { readonly exitCode?: number; readonly reason?: string }>>;
}

export function isReady({ metadata, status }: Pod): boolean {
  const ready = status.conditions?.some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  return ready === true && metadata.deletionTimestamp === undefined;
}

/** The names of all containers of a pod, sidecars included. */
export function containersOf({ spec }: Pod): readonly string[] {
  return [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name);
}

export function isMeshed(pod: Pod): boolean {
  return containersOf(pod).includes('linkerd-proxy');
}

/** A namespace that a test has made. */
export class TestNamespace {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** Makes the namespace anew; `inject` is its annotation `linkerd.io/inject`. */
  static async create(name: string, inject?: 'enabled' | 'disabled'): Promise<TestNamespace> {
    const namespace = new TestNamespace(name);
    await namespace.delete();
    const annotations = inject === undefined ? {} : { 'linkerd.io/inject': inject };
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, annotations } } as Manifest);
    return namespace;
  }

  /** A namespace that the manifests applied bring along. */
  static existing(name: string): TestNamespace {
    return new TestNamespace(name);
  }

  async delete(): Promise<void> {
    await kubectl(['delete', 'namespace', this.name, '--ignore-not-found', '--wait']);
  }

  apply(...manifests: readonly Manifest[]): Promise<string> {
    return apply(
      ...manifests.map((manifest) => ({
        ...manifest,
        metadata: { ...manifest.metadata, namespace: this.name },
      })),
    );
  }

  kubectl(args: readonly string[], input = ''): Promise<string> {
    return kubectl(['-n', this.name, ...args], input);
  }

  /** Pods whose label `app` is the workload's name. */
  pods(workload: string): Promise<readonly Pod[]> {
    return list<Pod>('pods', '-n', this.name, '-l', `app=${workload}`);
  }

  /** The first ready pod of a workload; waits for it. */
  pod(workload: string, ms = 90_000): Promise<Pod> {
    return waitFor(`a pod of ${workload} is ready`, ms, async () =>
      (await this.pods(workload)).find(isReady),
    );
  }

  /** Waits until every Deployment is rolled out. */
  async ready(seconds = 120): Promise<void> {
    await this.kubectl(['rollout', 'status', 'deploy', `--timeout=${seconds}s`]);
  }

  logs(pod: string, container: string): Promise<string> {
    return this.kubectl(['logs', pod, '-c', container]);
  }

  exec(pod: string, container: string, command: readonly string[], input = ''): Promise<Output> {
    const stdin = input === '' ? [] : ['-i'];
    return tryKubectl(['exec', ...stdin, '-n', this.name, pod, '-c', container, '--', ...command], input);
  }

  /** Runs a program of `e2e/src/inside` in a workload's first ready pod, in the container named as the workload. */
  async inside(workload: string, script: string, ...args: readonly string[]): Promise<string> {
    const pod = await this.pod(workload);
    const source = readFileSync(join(root, 'e2e', 'src', 'inside', script), 'utf8');
    const command = ['node', '--input-type=module', '-', ...args];
    const { status, stdout, stderr } = await this.exec(pod.metadata.name, workload, command, source);
    if (status !== 0)
      throw new Error(`${script} in ${pod.metadata.name} ended with ${status}: ${stderr}${stdout}`);
    return stdout;
  }

  /** The page of metrics of a pod's proxy. */
  async metrics(pod: string, container: string): Promise<string> {
    const page = "process.stdout.write(await (await fetch('http://localhost:4191/metrics')).text())";
    const { status, stdout, stderr } = await this.exec(pod, container, [
      'node',
      '--input-type=module',
      '-e',
      page,
    ]);
    if (status !== 0) throw new Error(`metrics of ${pod}: ${stderr}`);
    return stdout;
  }
}
