import type { Cluster } from '../cluster/cluster.ts';
import { type JsonObject, textAt } from '../manifest/json.ts';
import { proxyContainerOf } from '../mesh/meshed-pod.ts';
import { fetchProxyMetrics } from '../mesh/proxy-metrics.ts';
import { obfuscate } from './obfuscate.ts';

/** What a pod is announced with. */
function banner(pod: JsonObject, index: number, count: number): string {
  return `#\n# POD ${textAt(pod, 'metadata', 'name')} (${index + 1} of ${count})\n#\n`;
}

/** The metrics of each pod's proxy below its banner, one after the other. A proxy that is away has its error there. */
export async function* proxyMetricsOf(
  cluster: Cluster,
  pods: readonly JsonObject[],
  { hide, signal }: { readonly hide: boolean; readonly signal: AbortSignal },
): AsyncGenerator<{ readonly text: string; readonly failed: boolean }> {
  for (const [index, pod] of pods.entries()) {
    const head = banner(pod, index, pods.length);
    if (proxyContainerOf(pod) === undefined) {
      yield { text: `${head}# ERROR it has no proxy\n`, failed: true };
      continue;
    }
    try {
      const metrics = await fetchProxyMetrics(cluster, pod, signal);
      yield { text: `${head}${hide ? obfuscate(metrics) : metrics}\n`, failed: false };
    } catch (error) {
      signal.throwIfAborted();
      yield { text: `${head}# ERROR ${(error as Error).message.replaceAll('\n', ' ')}\n`, failed: true };
    }
  }
}
