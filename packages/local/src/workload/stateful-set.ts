import { objectKey, type ReplicatedWorkload } from '../cluster/objects.ts';
import type { PodAction, PodSummary } from './pod-summary.ts';
import { podFromTemplate, templateHash } from './template.ts';

/**
 * What brings a StatefulSet's pods to its manifest: named by ordinal, started in order once the one before is
 * ready (unless `Parallel`), stopped from the highest, replaced one at a time from the highest.
 */
export function planStatefulSet(
  workload: ReplicatedWorkload,
  pods: readonly PodSummary[],
): readonly PodAction[] {
  const { template, replicas: wanted = 1, serviceName, podManagementPolicy } = workload.spec;
  const hash = templateHash(template);
  const nameOf = (ordinal: number) => `${workload.metadata.name}-${ordinal}`;
  const byName = new Map(pods.map((pod) => [pod.name, pod]));
  const surplus = pods
    .filter(({ name, terminating }) => !terminating && ordinalOf(name) >= wanted)
    .sort((a, b) => ordinalOf(b.name) - ordinalOf(a.name));
  if (surplus.length > 0) return [{ do: 'stop', name: surplus[0]!.name }];

  const actions: PodAction[] = [];
  for (let ordinal = 0; ordinal < wanted; ordinal++) {
    const name = nameOf(ordinal);
    const pod = byName.get(name);
    if (pod === undefined) {
      actions.push({
        do: 'start',
        owner: objectKey(workload),
        templateHash: hash,
        pod: podFromTemplate(template, {
          name,
          owner: workload,
          labels: {
            'statefulset.kubernetes.io/pod-name': name,
            'apps.kubernetes.io/pod-index': String(ordinal),
          },
          hostname: name,
          ...(serviceName !== undefined && { subdomain: serviceName }),
        }),
      });
    } else if (isEnded(pod) && !pod.terminating) {
      actions.push({ do: 'stop', name });
    }
    if (podManagementPolicy !== 'Parallel' && !pod?.ready) return actions;
  }
  if (actions.length > 0) return actions;
  for (let ordinal = wanted - 1; ordinal >= 0; ordinal--) {
    const pod = byName.get(nameOf(ordinal))!;
    if (pod.terminating || !pod.ready) return [];
    if (pod.templateHash !== hash) return [{ do: 'stop', name: pod.name }];
  }
  return [];
}

const isEnded = ({ phase }: PodSummary) => phase === 'Succeeded' || phase === 'Failed';

function ordinalOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}
