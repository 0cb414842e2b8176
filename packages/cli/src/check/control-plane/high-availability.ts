import { memberAt, textAt } from '../../manifest/json.ts';
import { type Category, type Check, failed, passed, skipped } from '../engine/check.ts';
import { componentOf, installedValues } from '../objects.ts';

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

export const haChecks: Category = { name: 'linkerd-ha-checks', checks: [enoughReplicas] };
