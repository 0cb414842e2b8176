import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { isJsonObject, type JsonObject, listAt, textAt } from '../manifest/json.ts';
import { podName, proxyContainerOf } from './meshed-pod.ts';

const ADMIN_PORT_NAME = 'linkerd-admin';
const DEFAULT_ADMIN_PORT = 4191;
/** How long a proxy may take to answer, in ms. */
const TIMEOUT_MS = 10_000;

/** The admin port of a pod's proxy. */
export function adminPortOf(pod: JsonObject): number {
  const port = listAt(proxyContainerOf(pod), 'ports').find((one) => textAt(one, 'name') === ADMIN_PORT_NAME);
  return isJsonObject(port) && typeof port.containerPort === 'number'
    ? port.containerPort
    : DEFAULT_ADMIN_PORT;
}

/** The metrics of a pod's proxy, read on the pod's own loopback, where no policy stands in the way. */
export async function fetchProxyMetrics(
  cluster: Cluster,
  pod: JsonObject,
  signal: AbortSignal,
): Promise<string> {
  const port = adminPortOf(pod);
  const address = { namespace: textAt(pod, 'metadata', 'namespace'), name: textAt(pod, 'metadata', 'name') };
  const connection = await cluster.forward(address, port);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request({
    createConnection: () => connection,
    host: 'localhost',
    port,
    path: '/metrics',
    headers: { connection: 'close' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  sent.once('response', (response) => {
    if (response.statusCode === 200) text(response).then(resolve, reject);
    else reject(new Error(`its proxy answered ${response.statusCode}`));
  });
  sent.on('error', reject);
  sent.end();
  try {
    return await promise;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ClusterError('forwarding', `no metrics from ${podName(pod)}: ${problem}`, { cause });
  } finally {
    connection.destroy();
  }
}
