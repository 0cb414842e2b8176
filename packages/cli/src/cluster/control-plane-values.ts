import { type DeepPartial, defaultValues, type InjectorValues, mergeValues } from '@weft/injector';
import { type JsonObject, textAt } from '../manifest/json.ts';
import { parseYaml } from '../manifest/yaml.ts';
import { type Cluster, getObject } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';

/** ConfigMap with the values that the control plane was installed with. */
export const CONFIG_MAP = 'linkerd-config';
/** ConfigMap with the trust anchors in force. */
export const TRUST_ROOTS = 'linkerd-identity-trust-roots';

export const configMapPath = (namespace: string, name: string) =>
  `/api/v1/namespaces/${namespace}/configmaps/${name}`;

/** The values in `linkerd-config`, as they were written. */
export function valuesOf(configMap: JsonObject): JsonObject {
  const values = parseYaml(textAt(configMap, 'data', 'values'), `values of ConfigMap ${CONFIG_MAP}`);
  return (values ?? {}) as JsonObject;
}

/** How the control plane of a cluster injects. @throws ClusterError where there is none. */
export async function readControlPlaneValues(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<InjectorValues> {
  const [config, roots] = await Promise.all([
    getObject(cluster, configMapPath(namespace, CONFIG_MAP), signal),
    getObject(cluster, configMapPath(namespace, TRUST_ROOTS), signal),
  ]);
  if (config === undefined) {
    throw new ClusterError(
      'not_found',
      `there is no control plane in namespace "${namespace}" of ${cluster.server}: ConfigMap ${CONFIG_MAP} is missing; install it with weft install, name its namespace with --linkerd-namespace, or use --ignore-cluster`,
    );
  }
  const values = mergeValues(defaultValues, valuesOf(config) as DeepPartial<InjectorValues>);
  return {
    ...values,
    linkerdNamespace: namespace,
    identityTrustAnchorsPEM: textAt(roots ?? null, 'data', 'ca-bundle.crt') || values.identityTrustAnchorsPEM,
  };
}
