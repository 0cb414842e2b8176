import { type Cluster, listObjects } from '../cluster/cluster.ts';
import { type JsonObject, textAt } from '../manifest/json.ts';
import { isFinished, podName, proxyContainerOf } from '../mesh/meshed-pod.ts';

const LABEL = 'linkerd.io/control-plane-ns';

/** Kinds whose objects do not go with the namespace, and the namespace itself. */
const KINDS = [
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings'],
  ['rbac.authorization.k8s.io/v1', 'Role', 'roles'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions'],
  ['apiregistration.k8s.io/v1', 'APIService', 'apiservices'],
  ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'],
  ['v1', 'Namespace', 'namespaces'],
] as const;

/** The objects of an installation, as kubectl needs them to delete them: kind and name. */
export async function findInstallation(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<JsonObject[]> {
  const labelSelector = `${LABEL}=${namespace}`;
  const found = await Promise.all(
    KINDS.map(async ([apiVersion, kind, plural]) => {
      const root = apiVersion.includes('/') ? 'apis' : 'api';
      const objects = await listObjects(cluster, `/${root}/${apiVersion}/${plural}`, signal, {
        labelSelector,
      });
      return objects.filter((object) => !isKept(object)).map((object) => stubOf(object, apiVersion, kind));
    }),
  );
  return found.flat();
}

/** Definitions that others may use as well are marked to stay. */
function isKept(object: JsonObject): boolean {
  return textAt(object, 'metadata', 'annotations', 'helm.sh/resource-policy') === 'keep';
}

function stubOf(object: JsonObject, apiVersion: string, kind: string): JsonObject {
  const namespace = textAt(object, 'metadata', 'namespace');
  const name = textAt(object, 'metadata', 'name');
  return { apiVersion, kind, metadata: { name, ...(namespace !== '' && { namespace }) } };
}

/** Pods that would be left with a proxy and nobody to tell it anything. */
export function podsStillMeshed(pods: readonly JsonObject[], namespace: string): string[] {
  return pods
    .filter((pod) => textAt(pod, 'metadata', 'namespace') !== namespace)
    .filter((pod) => proxyContainerOf(pod) !== undefined && !isFinished(pod))
    .map(podName);
}
