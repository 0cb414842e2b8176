import type { Cluster } from '../cluster/cluster.ts';
import { type CronJob, type Job, objectKey, type Pod, type ReplicatedWorkload } from '../cluster/objects.ts';
import { planJob } from './job.ts';
import type { PodAction, PodSummary } from './pod-summary.ts';
import { planReplicas } from './replica-set.ts';
import { planStatefulSet } from './stateful-set.ts';
import { templateHash } from './template.ts';

/** A workload of the cluster and the controller that plans for it. */
export interface PlannedWorkload {
  readonly key: string;
  readonly namespace: string;
  plan(pods: readonly PodSummary[]): readonly PodAction[];
}

/** Every workload the manifests ask for, with the Jobs that CronJobs have made. */
export function plannedWorkloads(
  cluster: Cluster,
  scheduled: readonly Job[],
  suffix: () => string,
): readonly PlannedWorkload[] {
  const replicated = (kind: 'Deployment' | 'ReplicaSet' | 'DaemonSet') =>
    cluster
      .listDeclared<ReplicatedWorkload>(kind)
      .map((workload) => planned(workload, (pods) => planReplicas(workload, pods, suffix)));
  return [
    ...replicated('Deployment'),
    ...replicated('ReplicaSet'),
    ...replicated('DaemonSet'),
    ...cluster
      .listDeclared<ReplicatedWorkload>('StatefulSet')
      .map((workload) => planned(workload, (pods) => planStatefulSet(workload, pods))),
    ...[...cluster.listDeclared<Job>('Job'), ...scheduled].map((job) =>
      planned(job, (pods) => planJob(job, pods, suffix)),
    ),
    ...cluster.listDeclared<Pod>('Pod').map((pod) => planned(pod, (pods) => planPod(pod, pods))),
  ];
}

export function cronJobs(cluster: Cluster): readonly CronJob[] {
  return cluster.listDeclared<CronJob>('CronJob');
}

function planned(
  workload: ReplicatedWorkload | Job | Pod,
  plan: (pods: readonly PodSummary[]) => readonly PodAction[],
): PlannedWorkload {
  return { key: objectKey(workload), namespace: workload.metadata.namespace ?? 'default', plan };
}

/** A pod without a controller runs once; a changed one is stopped first, as its name stays. */
function planPod(pod: Pod, pods: readonly PodSummary[]): readonly PodAction[] {
  const hash = templateHash({ metadata: pod.metadata, spec: pod.spec });
  const [existing] = pods;
  if (existing === undefined) return [{ do: 'start', pod, owner: objectKey(pod), templateHash: hash }];
  return existing.templateHash === hash || existing.terminating ? [] : [{ do: 'stop', name: existing.name }];
}
