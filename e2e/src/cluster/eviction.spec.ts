import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../harness/folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { ClusterLoad } from './harness/cluster-load.ts';
import { installed } from './harness/installation.ts';
import { tryKubectl } from './harness/kubectl.ts';
import { restartWorkloads } from './harness/rolling-restart.ts';
import { openShopIn } from './harness/shop.ts';
import { isReady, type TestNamespace } from './harness/test-namespace.ts';

const NAMESPACE = 'eviction-shop';

/** Of visits; every fourth is an order, too. */
const REQUESTS_PER_SECOND = 40;

describe('pods that go while the shop is busy', () => {
  let shop: TestNamespace;
  let load: ClusterLoad;

  beforeAll(async () => {
    await installed();
    shop = await openShopIn(NAMESPACE, {}, []);
    await shop.kubectl(['set', 'env', 'deploy/traffic', `REQUESTS_PER_SECOND=${REQUESTS_PER_SECOND}`]);
    await shop.ready();
  });
  afterAll(() => shop?.delete());
  beforeEach(async () => {
    load = await ClusterLoad.begin(shop);
  });

  async function failedRequests(): Promise<readonly string[]> {
    const { sent, failed, errors } = await load.soFar();
    console.log(`${sent} requests, ${failed} failed`);
    expect(sent).toBeGreaterThan(100);
    return failed === 0 ? [] : [`${failed} of ${sent}`, ...errors];
  }

  /** As a drained node's pods are: all at once, and again where the disruption budget said no. */
  async function drain(workload: string): Promise<void> {
    const pods = await shop.pods(workload);
    await Promise.all(pods.map(({ metadata }) => evict(metadata.name)));
    await shop.ready();
    await waitFor(`the evicted pods of ${workload} are gone`, 60_000, async () => {
      const left = await shop.pods(workload);
      return (
        left.every(isReady) &&
        !left.some(({ metadata }) => pods.some((pod) => pod.metadata.name === metadata.name))
      );
    });
  }

  async function evict(pod: string): Promise<void> {
    const path = `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/eviction`;
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod, namespace: NAMESPACE },
    };
    await waitFor(`${pod} may be evicted`, 90_000, async () => {
      const { status } = await tryKubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
      return status === 0;
    });
  }

  it('eviction of every pod of a workload, within its disruption budget: 0 failed requests', async () => {
    await shop.apply({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'orders' },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'orders' } } },
    } as Manifest);
    await drain('orders');
    expect(await failedRequests()).toEqual([]);
  });

  it.each([
    ['orders', 'gRPC, three replicas'],
    ['web', 'HTTP/1.1, one replica that is there before the old one goes'],
  ])('a rollout of %s (%s): 0 failed requests', async (workload) => {
    await shop.kubectl(['patch', 'deploy', workload, '-p', JSON.stringify(UNAVAILABLE_NONE)]);
    await restartWorkloads(shop, [workload]);
    expect(await failedRequests()).toEqual([]);
  });
});

const UNAVAILABLE_NONE = { spec: { strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } } };
