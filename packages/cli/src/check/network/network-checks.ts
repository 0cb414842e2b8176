import { type JsonObject, objectAt, textAt } from '../../manifest/json.ts';
import { isFinished } from '../../mesh/meshed-pod.ts';
import { type Category, noneOf, skipped } from '../engine/check.ts';
import { componentOf, controlPlanePods, installedText, meshedPods, paths } from '../objects.ts';
import { cutOffs, type NeededService } from './cut-offs.ts';
import { policyOf } from './policy.ts';
import { type Labels, networkPodOf } from './reachability.ts';

/** What proxies need of the control plane, and every pod of the cluster's DNS. */
function neededServices(controlPlane: readonly JsonObject[], pods: readonly JsonObject[]): NeededService[] {
  const component = (name: string) =>
    controlPlane.filter((pod) => componentOf(pod) === name).map(networkPodOf);
  const dns = pods.filter(
    (pod) =>
      textAt(pod, 'metadata', 'namespace') === 'kube-system' &&
      textAt(pod, 'metadata', 'labels', 'k8s-app') === 'kube-dns' &&
      !isFinished(pod),
  );
  return [
    { name: 'linkerd-identity', pods: component('identity'), ports: [[8080, 'TCP']] },
    {
      name: 'linkerd-destination',
      pods: component('destination'),
      ports: [
        [8086, 'TCP'],
        [8090, 'TCP'],
      ],
    },
    {
      name: 'the DNS of the cluster',
      pods: dns.map(networkPodOf),
      ports: [
        [53, 'UDP'],
        [53, 'TCP'],
      ],
    },
  ];
}

export const networkPolicies: Category = {
  name: 'weft-network-policies',
  checks: [
    {
      description: 'network policies leave the flows of the mesh open',
      severity: 'warning',
      remedy: 'deploy/network-policies has policies that fit the mesh',
      run: async (context) => {
        const { state } = context;
        const policies = await state.list(paths.networkPolicies);
        if (policies.length === 0) return skipped;
        const [pods, namespaces, meshed, controlPlane, transport] = await Promise.all([
          state.list(paths.pods),
          state.list(paths.namespaces),
          meshedPods(context),
          controlPlanePods(context),
          installedText(context, ['proxy', 'outboundTransportMode'], 'transport-header'),
        ]);
        return noneOf(
          cutOffs({
            policies: policies.map(policyOf),
            meshed: meshed.map(networkPodOf),
            labels: new Map(
              namespaces.map((one) => [
                textAt(one, 'metadata', 'name'),
                (objectAt(one, 'metadata', 'labels') ?? {}) as Labels,
              ]),
            ),
            needed: neededServices(controlPlane, pods),
            meetsOnMeshPort: transport !== 'transparent',
          }),
        );
      },
    },
  ],
};
