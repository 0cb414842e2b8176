import { type JsonObject, memberAt, textAt } from '../../manifest/json.ts';
import { type Category, type Check, failed, passed, skipped } from '../engine/check.ts';
import { componentOf, conditionOf, installedValues, paths } from '../objects.ts';

const enoughReplicas: Check = {
  description: 'multiple replicas of control plane pods',
  anchor: 'l5d-control-plane-replicas',
  severity: 'warning',
  retry: true,
  run: async (context) => {
    const values = await installedValues(context);
    if (memberAt(values, 'highAvailability') !== true) return skipped;
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
};

/** Taints are not looked at: which of them the control plane tolerates is the scheduler's to say. */
function takesPods(node: JsonObject): boolean {
  const ready = textAt(conditionOf(node, 'Ready') ?? null, 'status') === 'True';
  return ready && memberAt(node, 'spec', 'unschedulable') !== true;
}

const enoughNodes: Check = {
  description: 'a node for each replica of control plane pods',
  severity: 'warning',
  remedy:
    'add nodes, or let replicas share them with the values enablePodAntiAffinity=false or a smaller controllerReplicas',
  run: async (context) => {
    const values = await installedValues(context);
    if (memberAt(values, 'enablePodAntiAffinity') !== true) return skipped;
    const replicas = Number(memberAt(values, 'controllerReplicas') ?? 1);
    const nodes = (await context.state.list(paths.nodes)).filter(takesPods).length;
    if (nodes >= replicas) return passed;
    return failed(
      `replicas go to nodes of their own: ${replicas} replicas of each service need ${replicas} nodes, and ${nodes} ${nodes === 1 ? 'takes' : 'take'} pods; the others cannot run`,
    );
  },
};

export const haChecks: Category = { name: 'linkerd-ha-checks', checks: [enoughNodes, enoughReplicas] };
