import { Destination, type Update } from '@weft/proto/destination';
import type { GrpcClient } from '@weft/service';
import type { Cluster } from '../cluster/cluster.ts';
import { renderTable } from '../terminal/table.ts';
import { askDestination } from './control-plane-client.ts';
import { type Endpoint, EndpointSet } from './endpoint-set.ts';

/** How long the whole answer may take, in ms. */
const WAIT_MS = 5000;
/** Silence after which an answer is taken for whole, in ms. */
const QUIET_MS = 300;

export interface EndpointsQuery {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly authorities: readonly string[];
  readonly token: string;
  readonly destinationPod: string | undefined;
  readonly signal: AbortSignal;
}

/** The endpoints that the control plane would give a proxy for these authorities. */
export async function queryEndpoints(query: EndpointsQuery): Promise<Endpoint[]> {
  const { cluster, namespace, authorities, token, destinationPod, signal } = query;
  const target = { cluster, namespace, port: 8086, podName: destinationPod, signal };
  return askDestination(target, async (grpc) => {
    const endpoints: Endpoint[] = [];
    for (const path of authorities) endpoints.push(...(await endpointsOf(grpc, path, token, signal)));
    return endpoints;
  });
}

async function endpointsOf(
  grpc: GrpcClient,
  path: string,
  contextToken: string,
  signal: AbortSignal,
): Promise<Endpoint[]> {
  const set = new EndpointSet();
  const enough = new AbortController();
  const limit = setTimeout(() => enough.abort(), WAIT_MS);
  let quiet: NodeJS.Timeout | undefined;
  try {
    const updates = grpc.stream(
      Destination.method.get,
      { scheme: 'k8s', path, contextToken },
      { signal: AbortSignal.any([signal, enough.signal]) },
    );
    for await (const update of updates as AsyncIterable<Update>) {
      set.apply(update);
      clearTimeout(quiet);
      quiet = setTimeout(() => enough.abort(), QUIET_MS);
    }
  } catch (error) {
    signal.throwIfAborted();
    // The stream has no end of its own: it was ended here, with what has come.
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(limit);
    clearTimeout(quiet);
  }
  return set.list();
}

export function renderEndpoints(endpoints: readonly Endpoint[], format: 'table' | 'json'): string {
  if (format === 'json') return `${JSON.stringify(endpoints, null, 2)}\n`;
  if (endpoints.length === 0) return 'No endpoints found.\n';
  return renderTable(
    ['NAMESPACE', 'IP', 'PORT', 'POD', 'SERVICE'],
    endpoints.map(({ namespace, ip, port, pod, service }) => [
      namespace,
      ip,
      port,
      pod,
      service === '' ? '' : `${service}.${namespace}`,
    ]),
  );
}
