import { type JsonObject, listAt, objectAt, textAt } from '../../manifest/json.ts';
import { type Category, type Check, noneOf, passed } from '../engine/check.ts';
import { componentOf, conditionOf, controlPlanePods, installedValues } from '../objects.ts';
import { nodeNetworks, podNetworks, serviceNetworks } from './cluster-networks.ts';
import { enoughNodes } from './nodes.ts';

const configMapExists: Check = {
  description: "'linkerd-config' config map exists",
  anchor: 'l5d-existence-linkerd-config',
  severity: 'fatal',
  remedy: 'install the control plane with weft install, or name its namespace with --linkerd-namespace',
  run: async (context) => {
    await installedValues(context);
    return passed;
  },
};

const replicaSetsReady: Check = {
  description: 'control plane replica sets are ready',
  anchor: 'l5d-existence-replicasets',
  severity: 'fatal',
  retry: true,
  run: async ({ state, namespace }) => {
    const sets = await state.list(`/apis/apps/v1/namespaces/${namespace}/replicasets`);
    return noneOf(
      sets.flatMap((set) => {
        const failure = conditionOf(set, 'ReplicaFailure');
        if (textAt(failure ?? null, 'status') !== 'True') return [];
        return [`${textAt(set, 'metadata', 'name')}: ${textAt(failure ?? null, 'message')}`];
      }),
    );
  },
};

const noUnschedulablePods: Check = {
  description: 'no unschedulable pods',
  anchor: 'l5d-existence-unschedulable-pods',
  severity: 'warning',
  retry: true,
  run: async (context) =>
    noneOf(
      (await controlPlanePods(context)).flatMap((pod) => {
        const scheduled = conditionOf(pod, 'PodScheduled');
        if (textAt(scheduled ?? null, 'status') !== 'False') return [];
        return [`${textAt(pod, 'metadata', 'name')}: ${textAt(scheduled ?? null, 'message')}`];
      }),
    ),
};

const COMPONENTS = ['destination', 'identity', 'proxy-injector'] as const;

/** Whether every container of a pod is ready. */
function isReady(pod: JsonObject): boolean {
  return textAt(conditionOf(pod, 'Ready') ?? null, 'status') === 'True';
}

/** Why a pod is not ready, as far as its containers say. */
function unreadiness(pod: JsonObject): string {
  const statuses = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
  ];
  const why = statuses.flatMap((status) => {
    const { reason, message } = objectAt(status, 'state', 'waiting') ?? {};
    return reason === undefined
      ? []
      : [`${textAt(status, 'name')}: ${[reason, message].filter(Boolean).join(': ')}`];
  });
  return why.length === 0 ? 'its containers are not ready yet' : why.join('; ');
}

const podsReady: Check = {
  description: 'control plane pods are ready',
  anchor: 'l5d-api-control-ready',
  // What comes after it may be the very reason: an issuer that has expired, for instance.
  severity: 'error',
  retry: true,
  run: async (context) => {
    const pods = await controlPlanePods(context);
    return noneOf(
      COMPONENTS.flatMap((component) => {
        const own = pods.filter((pod) => componentOf(pod) === component);
        if (own.length === 0) return [`no pods of ${component}`];
        if (own.some(isReady)) return [];
        return own.map((pod) => `pod ${textAt(pod, 'metadata', 'name')} is not ready: ${unreadiness(pod)}`);
      }),
    );
  },
};

export const existence: Category = {
  name: 'linkerd-existence',
  checks: [
    configMapExists,
    replicaSetsReady,
    noUnschedulablePods,
    enoughNodes,
    podsReady,
    nodeNetworks,
    podNetworks,
    serviceNetworks,
  ],
};
