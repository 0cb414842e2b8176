import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sumOf } from '../harness/metrics.ts';
import { waitFor } from '../harness/wait-for.ts';
import { upgradeTo } from './harness/changed-values.ts';
import { ClusterLoad } from './harness/cluster-load.ts';
import { type Component, serviceMetrics, servingPods } from './harness/control-plane.ts';
import { installed } from './harness/installation.ts';
import { kubectl } from './harness/kubectl.ts';
import { openShopIn } from './harness/shop.ts';
import { isReady, type Pod, type TestNamespace } from './harness/test-namespace.ts';

const NAMESPACE = 'replicas-shop';
const REPLICAS = 2;

/** How soon proxies must hear of a change from the replica that is left, in ms. */
const HEARD_WITHIN_MS = 10_000;

describe('two replicas of the control plane', () => {
  let putBack: () => Promise<void>;
  let shop: TestNamespace;
  let load: ClusterLoad;

  beforeAll(async () => {
    await installed();
    putBack = await upgradeTo({ controllerReplicas: String(REPLICAS) });
    shop = await openShopIn(NAMESPACE, {}, []);
  });
  afterAll(async () => {
    await Promise.all([putBack?.(), shop?.delete()]);
  });
  beforeEach(async () => {
    load = await ClusterLoad.begin(shop);
  });

  async function failedRequests(): Promise<readonly unknown[]> {
    const { sent, failed, errors } = await load.soFar();
    console.log(`${sent} requests, ${failed} failed`);
    return failed === 0 ? [] : [failed, ...errors];
  }

  /** A metric of each replica. */
  async function ofEach(component: Component, name: string): Promise<readonly number[]> {
    const pods = await servingPods(component, REPLICAS);
    return Promise.all(pods.map(async (pod) => sumOf(await serviceMetrics(component, pod), name)));
  }

  /** Ends a replica without a chance to say goodbye; answers with its name. */
  async function kill(component: Component): Promise<string> {
    const [{ metadata }] = (await servingPods(component, REPLICAS)) as [Pod];
    await kubectl(['delete', 'pod', '-n', 'linkerd', metadata.name, '--grace-period=0', '--force']);
    return metadata.name;
  }

  /** How many endpoints of a service web's proxy knows. */
  async function endpointsOfOrders(): Promise<number> {
    const { metadata } = await shop.pod('web');
    const page = await shop.metrics(metadata.name, 'web');
    return sumOf(page, 'outbound_http_balancer_endpoints', { backend_name: 'orders' });
  }

  it('are both asked by proxies', async () => {
    for (const count of await ofEach('identity', 'identity_certificates_issued_total'))
      expect(count).toBeGreaterThan(0);
    for (const count of await ofEach('destination', 'grpc_server_streams')) expect(count).toBeGreaterThan(0);
    expect(await failedRequests()).toEqual([]);
  });

  it('a destination killed under load: the other one takes over, 0 failed requests', async () => {
    const begun = Date.now();
    const killed = await kill('destination');
    const { length } = await shop.pods('orders');
    expect(await endpointsOfOrders()).toBe(length);
    await shop.kubectl(['scale', 'deploy', 'orders', `--replicas=${length + 1}`]);
    await waitFor('one more pod of orders is ready', 60_000, async () => {
      const ready = (await shop.pods('orders')).filter(isReady);
      return ready.length === length + 1;
    });
    await waitFor('web hears of it', HEARD_WITHIN_MS, async () => (await endpointsOfOrders()) === length + 1);
    const pods = await servingPods('destination', REPLICAS);
    expect(pods.map(({ metadata }) => metadata.name)).not.toContain(killed);
    console.log(`${Math.round((Date.now() - begun) / 1000)} s`);
    expect(await failedRequests()).toEqual([]);
  });

  it('an identity killed under load: the other one issues, 0 failed requests', async () => {
    await kill('identity');
    await shop.kubectl(['rollout', 'restart', 'deploy/orders', 'deploy/reports']);
    await shop.ready();
    await servingPods('identity', REPLICAS);
    expect(await failedRequests()).toEqual([]);
  });
});
