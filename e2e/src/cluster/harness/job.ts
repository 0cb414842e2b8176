import type { Manifest } from '../../harness/folder.ts';
import { DEBUG_IMAGE } from './peer.ts';
import type { ContainerStatus, Pod, TestNamespace } from './test-namespace.ts';

/** The annotations of a pod whose proxy is an ordinary container, as on clusters older than native sidecars. */
export const CLASSIC = { 'config.linkerd.io/proxy-enable-native-sidecar': 'false' };

export interface JobParts {
  /** Of the pod template. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Fields of the pod's spec, over those it has. */
  readonly spec?: object;
}

/** A Job of one container named as the Job, which has a shell and curl, and is not started again when it fails. */
export function aJob(name: string, script: string, { annotations = {}, spec = {} }: JobParts = {}): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: { app: name }, annotations },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 2,
          containers: [aJobContainer(name, script)],
          ...spec,
        },
      },
    },
  };
}

export function aJobContainer(name: string, script: string) {
  return {
    ...{ name, image: DEBUG_IMAGE, command: ['/bin/sh', '-c', script] },
    resources: { requests: { cpu: '10m' } },
  };
}

/** Waits until a Job is complete. */
export function completed(namespace: TestNamespace, job: string): Promise<string> {
  return namespace.kubectl(['wait', '--for=condition=complete', `job/${job}`, '--timeout=60s']);
}

/** Waits until a container of a Job's pod has ended, whatever its neighbours do. */
export function ended(namespace: TestNamespace, job: string): Promise<string> {
  const exitCode = `{.status.containerStatuses[?(@.name=="${job}")].state.terminated.exitCode}`;
  return namespace.kubectl([
    'wait',
    'pod',
    '-l',
    `app=${job}`,
    `--for=jsonpath=${exitCode}`,
    '--timeout=60s',
  ]);
}

/** What has become of a pod's containers, sidecars included: `0` for an exit code, else the state's name. */
export function endsOf({ status }: Pod): Readonly<Record<string, number | string>> {
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return Object.fromEntries(statuses.map((container) => [container.name, endOf(container)]));
}

function endOf({ state }: ContainerStatus): number | string {
  const [[name, { exitCode }] = ['unknown', {}]] = Object.entries(state);
  return exitCode ?? name;
}
