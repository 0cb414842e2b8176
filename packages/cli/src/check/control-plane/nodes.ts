import { type JsonObject, memberAt, textAt } from '../../manifest/json.ts';
import { type Check, failed, passed, skipped } from '../engine/check.ts';
import { conditionOf, installedValues, paths } from '../objects.ts';

/** Taints are not looked at: which of them the control plane tolerates is the scheduler's to say. */
function takesPods(node: JsonObject): boolean {
  const ready = textAt(conditionOf(node, 'Ready') ?? null, 'status') === 'True';
  return ready && memberAt(node, 'spec', 'unschedulable') !== true;
}

export const enoughNodes: Check = {
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
