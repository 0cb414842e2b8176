import { type KubernetesObject, objectKey, type ReplicatedWorkload } from '../cluster/objects.ts';
import type { PodAction, PodSummary } from './pod-summary.ts';
import { ownerReference, podFromTemplate, templateHash } from './template.ts';

/** The ReplicaSet that stands between a Deployment and its pods; a ReplicaSet stands for itself. */
export function replicaSetOf(workload: ReplicatedWorkload): KubernetesObject & { readonly spec: unknown } {
  if (workload.kind === 'ReplicaSet') return workload;
  const { name, namespace = 'default' } = workload.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${templateHash(workload.spec.template)}`,
      namespace,
      ownerReferences: [ownerReference(workload)],
    },
    spec: { replicas: workload.spec.replicas ?? 1 },
  };
}

/**
 * What brings the pods of a Deployment or ReplicaSet to what its manifest says. A changed template rolls: one pod
 * more than wanted at a time, and an old one goes only when the others are ready.
 */
export function planReplicas(
  workload: ReplicatedWorkload,
  pods: readonly PodSummary[],
  suffix: () => string,
): readonly PodAction[] {
  const { template, replicas: wanted = 1, strategy } = workload.spec;
  const hash = templateHash(template);
  const owner = objectKey(workload);
  const replicaSet = replicaSetOf(workload);
  const alive = pods.filter(
    ({ terminating, phase }) => !terminating && (phase === 'Pending' || phase === 'Running'),
  );
  const current = alive.filter((pod) => pod.templateHash === hash);
  const old = alive.filter((pod) => pod.templateHash !== hash);
  const ended = pods.filter((pod) => !pod.terminating && !alive.includes(pod));
  const actions: PodAction[] = ended.map(({ name }) => ({ do: 'stop', name }));

  if (strategy?.type === 'Recreate' && old.length > 0) return [...actions, ...stop(old)];
  const ready = alive.filter((pod) => pod.ready).length;
  const room =
    old.length === 0 ? wanted : Math.min(wanted, current.length + Math.max(0, wanted + 1 - alive.length));
  for (let count = current.length; count < room; count++) {
    const pod = podFromTemplate(template, {
      name: `${replicaSet.metadata.name}-${suffix()}`,
      owner: replicaSet,
      labels: { 'pod-template-hash': hash },
    });
    actions.push({ do: 'start', pod, owner, templateHash: hash });
  }
  const surplus = [
    ...unreadyFirst(old),
    ...unreadyFirst(current).slice(0, Math.max(0, current.length - wanted)),
  ];
  let spare = ready - wanted;
  for (const pod of surplus) {
    const isExtra = old.length === 0 || !pod.ready;
    if (!isExtra && spare-- <= 0) break;
    actions.push(...stop([pod]));
  }
  return actions;
}

const stop = (pods: readonly PodSummary[]): PodAction[] => pods.map(({ name }) => ({ do: 'stop', name }));

const unreadyFirst = (pods: readonly PodSummary[]): readonly PodSummary[] => [
  ...pods.filter(({ ready }) => !ready),
  ...pods.filter(({ ready }) => ready),
];
