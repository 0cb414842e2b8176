import { BlockList, isIPv6 } from 'node:net';
import { type JsonObject, listAt, memberAt, objectAt, textAt } from '../../manifest/json.ts';
import { isFinished } from '../../mesh/meshed-pod.ts';
import { type Category, type Check, type CheckContext, failed, noneOf, passed } from '../engine/check.ts';
import {
  componentOf,
  conditionOf,
  controlPlanePods,
  installedText,
  installedValues,
  paths,
} from '../objects.ts';

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

export const COMPONENTS = ['destination', 'identity', 'proxy-injector'] as const;

/** Whether every container of a pod is ready. */
export function isReady(pod: JsonObject): boolean {
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
  severity: 'fatal',
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

/** The networks a value lists, by commas. */
function networksIn(list: string): BlockList {
  const networks = new BlockList();
  for (const item of list.split(',').map((one) => one.trim())) {
    const [address = '', bits = ''] = item.split('/');
    if (address !== '') networks.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return networks;
}

function clusterNetworks(
  what: string,
  anchor: string,
  addresses: (context: CheckContext) => Promise<readonly (readonly [owner: string, address: string])[]>,
): Check {
  return {
    description: `cluster networks contains all ${what}`,
    anchor,
    severity: 'error',
    remedy: 'name them in the value clusterNetworks: proxies ask for destinations inside of it alone',
    run: async (context) => {
      const list = await installedText(context, ['clusterNetworks'], '');
      const networks = networksIn(list);
      const outside = (await addresses(context)).filter(
        ([, address]) => !networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'),
      );
      return noneOf(outside.map(([owner, address]) => `${address} of ${owner} is not in ${list}`));
    },
  };
}

const nodeNetworks = clusterNetworks('node podCIDRs', 'l5d-cluster-networks-cidr', async ({ state }) =>
  (await state.list(paths.nodes)).flatMap((node) => {
    const [address = ''] = textAt(node, 'spec', 'podCIDR').split('/');
    return address === '' ? [] : [[`node ${textAt(node, 'metadata', 'name')}`, address] as const];
  }),
);

const podNetworks = clusterNetworks('pods', 'l5d-cluster-networks-pods', async ({ state }) =>
  (await state.list(paths.pods)).flatMap((pod) => {
    const address = textAt(pod, 'status', 'podIP');
    const isOwn = address !== '' && memberAt(pod, 'spec', 'hostNetwork') !== true && !isFinished(pod);
    return isOwn ? [[`pod ${nameOf(pod)}`, address] as const] : [];
  }),
);

const serviceNetworks = clusterNetworks('services', 'l5d-cluster-networks-pods', async ({ state }) =>
  (await state.list(paths.services)).flatMap((service) => {
    const address = textAt(service, 'spec', 'clusterIP');
    return address === '' || address === 'None' ? [] : [[`service ${nameOf(service)}`, address] as const];
  }),
);

function nameOf(object: JsonObject): string {
  return `${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}`;
}

export const existence: Category = {
  name: 'linkerd-existence',
  checks: [
    configMapExists,
    replicaSetsReady,
    noUnschedulablePods,
    podsReady,
    nodeNetworks,
    podNetworks,
    serviceNetworks,
  ],
};

/** What is looked at before anything is asked of the control plane. */
export const controlPlaneReady: readonly Check[] = [configMapExists, podsReady];

export const haChecks: Category = {
  name: 'linkerd-ha-checks',
  checks: [
    {
      description: 'multiple replicas of control plane pods',
      anchor: 'l5d-control-plane-replicas',
      severity: 'warning',
      retry: true,
      run: async (context) => {
        const values = await installedValues(context);
        if (memberAt(values, 'highAvailability') !== true) return { kind: 'skipped' };
        const { state, namespace } = context;
        const deployments = await state.list(`/apis/apps/v1/namespaces/${namespace}/deployments`);
        const few = deployments.filter(
          (one) => componentOf(one) !== '' && Number(memberAt(one, 'status', 'availableReplicas') ?? 0) < 2,
        );
        if (few.length === 0) return passed;
        return failed(
          `not enough replicas available for ${few.map((one) => textAt(one, 'metadata', 'name')).join(', ')}`,
        );
      },
    },
  ],
};
