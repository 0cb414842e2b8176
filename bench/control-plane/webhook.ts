import type { BenchCluster } from './cluster.ts';
import type { ControlPlaneService } from './control-plane.ts';
import { inParallel } from './in-parallel.ts';
import { createPodDryRun } from './objects.ts';
import { quantile, timed } from './timings.ts';

const CREATES = 500;
const WARM_UP = 50;

export interface WebhookResult {
  readonly inFlight: number;
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly cpuMsPerCall: number;
  readonly residentMb: number;
}

/** What creating a pod takes by way of the API server and the injector; nothing is kept (dry run). */
export async function measureWebhook(
  cluster: BenchCluster,
  injector: ControlPlaneService,
  inFlight: number,
): Promise<WebhookResult> {
  await inParallel(WARM_UP, inFlight, (i) => createInjected(cluster, `warm-up-${i}`));
  const cpuBefore = injector.cpuSeconds;
  const times: number[] = [];
  const total = await timed(() =>
    inParallel(CREATES, inFlight, async (i) => {
      times.push(await timed(() => createInjected(cluster, `pod-${i}`)));
    }),
  );
  return {
    inFlight,
    perSecond: (CREATES * 1000) / total,
    medianMs: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    cpuMsPerCall: ((injector.cpuSeconds - cpuBefore) * 1000) / CREATES,
    residentMb: injector.memory.resident,
  };
}

async function createInjected(cluster: BenchCluster, name: string): Promise<void> {
  const pod = JSON.stringify(await createPodDryRun(cluster, name));
  if (!pod.includes('linkerd-proxy')) throw new Error(`pod ${name} was admitted without a proxy`);
}
