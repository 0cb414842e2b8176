import { CredentialsStore, GrpcClient } from '@weft/service';
import { conditionStatus } from '../apply/conditions.ts';
import { openBridge } from '../cluster/bridge.ts';
import { type Cluster, getObject, listObjects } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { CONFIG_MAP, configMapPath, TRUST_ROOTS, valuesOf } from '../cluster/control-plane-values.ts';
import { type JsonObject, memberAt, textAt } from '../manifest/json.ts';
import { isFinished, podName, proxyContainerOf } from '../mesh/meshed-pod.ts';

type Ask<T> = (grpc: GrpcClient) => Promise<T>;

export interface ControlPlaneTarget {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Of the destination service: 8086 for endpoints, 8090 for policies. */
  readonly port: number;
  /** A pod of it; undefined: any that is ready. */
  readonly podName: string | undefined;
  readonly signal: AbortSignal;
}

/** Asks the destination service, through a forwarded port. @throws ClusterError where there is no way to it. */
export async function askDestination<T>(target: ControlPlaneTarget, ask: Ask<T>): Promise<T> {
  const pod = await findPod(target);
  const tls = await meshTlsOf(pod, target);
  const address = { namespace: target.namespace, name: textAt(pod, 'metadata', 'name') };
  const bridge = await openBridge(target.cluster, address, target.port);
  const grpc = new GrpcClient({ target: bridge.address, ...(tls !== undefined && { tls }) });
  try {
    return await ask(grpc);
  } catch (error) {
    throw bridge.problem ?? error;
  } finally {
    grpc.close();
    bridge.close();
  }
}

async function findPod({
  cluster,
  namespace,
  podName: wanted,
  signal,
}: ControlPlaneTarget): Promise<JsonObject> {
  const labelSelector = 'linkerd.io/control-plane-component=destination';
  const pods = await listObjects(cluster, `/api/v1/namespaces/${namespace}/pods`, signal, { labelSelector });
  const found = pods.find((pod) =>
    wanted === undefined
      ? !isFinished(pod) && conditionStatus(pod, 'Ready') === 'True'
      : textAt(pod, 'metadata', 'name') === wanted,
  );
  if (found !== undefined) return found;
  const names = pods.map(podName).join(', ') || 'none at all';
  throw new ClusterError(
    'not_found',
    wanted === undefined
      ? `no pod of the destination service is ready in namespace "${namespace}" (there is ${names})`
      : `"${wanted}" is no pod of the destination service in namespace "${namespace}" (there is ${names})`,
  );
}

/** A control plane with proxies speaks plain text on its own loopback; one without ends mesh TLS itself. */
async function meshTlsOf(pod: JsonObject, { cluster, namespace, signal }: ControlPlaneTarget) {
  if (proxyContainerOf(pod) !== undefined) return undefined;
  const [config, roots] = await Promise.all([
    getObject(cluster, configMapPath(namespace, CONFIG_MAP), signal),
    getObject(cluster, configMapPath(namespace, TRUST_ROOTS), signal),
  ]);
  const values = config === undefined ? {} : valuesOf(config);
  const value = (name: string) => String(memberAt(values, name) ?? '');
  const domain = value('identityTrustDomain') || value('clusterDomain') || 'cluster.local';
  const anchorsPem = textAt(roots ?? null, 'data', 'ca-bundle.crt');
  return {
    serverName: `linkerd-destination.${namespace}.serviceaccount.identity.${namespace}.${domain}`,
    credentials: new CredentialsStore({ anchorsPem }),
  };
}
