import { CONFIG_MAP, configMapPath, TRUST_ROOTS, valuesOf } from '../cluster/control-plane-values.ts';
import { type JsonObject, memberAt, textAt } from '../manifest/json.ts';
import { isEnding, isFinished, proxyContainerOf } from '../mesh/meshed-pod.ts';
import type { CheckContext } from './engine/check.ts';

/** Collections that several checks look at. */
export const paths = {
  pods: '/api/v1/pods',
  namespaces: '/api/v1/namespaces',
  services: '/api/v1/services',
  nodes: '/api/v1/nodes',
  networkPolicies: '/apis/networking.k8s.io/v1/networkpolicies',
  nodeLeases: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
  crds: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  clusterRoles: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  clusterRoleBindings: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  mutatingWebhooks: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  validatingWebhooks: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
} as const;

const COMPONENT_LABEL = 'linkerd.io/control-plane-component';

export function componentOf(object: JsonObject): string {
  return textAt(object, 'metadata', 'labels', COMPONENT_LABEL);
}

/** The values of the installation. @throws where there is no control plane. */
export async function installedValues({ state, namespace }: CheckContext): Promise<JsonObject> {
  const config = await state.get(configMapPath(namespace, CONFIG_MAP));
  if (config === undefined) throw new Error(`ConfigMap ${CONFIG_MAP} is missing in namespace "${namespace}"`);
  return valuesOf(config);
}

/** A value of the installation as text; `fallback` where it is not set. */
export async function installedText(
  context: CheckContext,
  path: readonly string[],
  fallback: string,
): Promise<string> {
  const value = memberAt(await installedValues(context), ...path);
  return value === undefined || value === null || value === '' ? fallback : String(value);
}

/** The trust anchors in force, as PEM text. */
export async function trustAnchorsPem({ state, namespace }: CheckContext): Promise<string> {
  const roots = await state.get(configMapPath(namespace, TRUST_ROOTS));
  if (roots === undefined) throw new Error(`ConfigMap ${TRUST_ROOTS} is missing in namespace "${namespace}"`);
  return textAt(roots, 'data', 'ca-bundle.crt');
}

/** Pods of the control plane that have not ended. */
export async function controlPlanePods({ state, namespace }: CheckContext): Promise<readonly JsonObject[]> {
  const pods = await state.list(paths.pods);
  return pods.filter(
    (pod) =>
      textAt(pod, 'metadata', 'namespace') === namespace && componentOf(pod) !== '' && !isFinished(pod),
  );
}

/** Pods with a proxy that are not ending, outside the control plane, in the namespace that is looked at. */
export async function meshedPods(context: CheckContext): Promise<readonly JsonObject[]> {
  const { state, namespace, dataPlaneNamespace } = context;
  const pods = await state.list(paths.pods);
  return pods.filter((pod) => {
    const own = textAt(pod, 'metadata', 'namespace');
    const isLookedAt = dataPlaneNamespace === undefined ? own !== namespace : own === dataPlaneNamespace;
    return isLookedAt && !isEnding(pod) && proxyContainerOf(pod) !== undefined;
  });
}

/** Condition of an object's status: `True`, `False`, `Unknown`, or empty where there is none. */
export function conditionOf(object: JsonObject, type: string): JsonObject | undefined {
  const conditions = memberAt(object, 'status', 'conditions');
  const list = Array.isArray(conditions) ? conditions : [];
  return list.find((one) => textAt(one, 'type') === type) as JsonObject | undefined;
}
