import { waitFor } from '../../harness/wait-for.ts';
import { clusterUp, clusterVerb } from './cluster.ts';
import { tryKubectl } from './kubectl.ts';

/** Ends an outage: resolves as soon as the API server answers, with what waits for the rest of the cluster. */
export type EndOutage = () => Promise<() => Promise<unknown>>;

/** The API server is killed: connections to it are refused. The cluster's program starts it again. */
export async function killApiServer(): Promise<EndOutage> {
  process.kill(await apiServer(), 'SIGKILL');
  return async () => {
    const up = clusterUp();
    await answers();
    return () => up;
  };
}

/** The API server stands still: connections to it stay open, and nothing comes of them. */
export async function freezeApiServer(): Promise<EndOutage> {
  const pid = await apiServer();
  process.kill(pid, 'SIGSTOP');
  return async () => {
    process.kill(pid, 'SIGCONT');
    await answers();
    return async () => undefined;
  };
}

/** The cluster's program prints a line with name and process for each of its parts. */
async function apiServer(): Promise<number> {
  const pid = /^kube-apiserver\s+(\d+)$/m.exec(await clusterVerb('status'))?.[1];
  if (pid === undefined) throw new Error('the cluster does not say which process its API server is');
  return Number(pid);
}

async function answers(): Promise<void> {
  await waitFor('the API server answers', 60_000, async () => {
    const { status } = await tryKubectl(['get', '--raw', '/readyz', '--request-timeout=2s']);
    return status === 0;
  });
}
