import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../harness/wait-for.ts';
import { ClusterLoad } from './harness/cluster-load.ts';

import { installed } from './harness/installation.ts';
import { kubectl } from './harness/kubectl.ts';
import { openStreams, restart } from './harness/rolling-restart.ts';
import { openShopIn } from './harness/shop.ts';
import type { Pod, TestNamespace } from './harness/test-namespace.ts';
import { WebhookProbe } from './harness/webhook-probe.ts';
import { weft } from './harness/weft.ts';

const NAMESPACE = 'restart-shop';

const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);

describe('a rolling restart of the control plane while the shop is busy', () => {
  let shop: TestNamespace;
  let load: ClusterLoad;

  beforeAll(async () => {
    await installed();
    shop = await openShopIn(NAMESPACE, {}, []);
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

  it('destination: 0 failed requests, and every proxy is back and told of new endpoints', async () => {
    const before = await openStreams();
    await restart('destination');
    await waitFor('as many streams are open as before', 30_000, async () => (await openStreams()) >= before);
    const known = names(await shop.pods('orders'));
    await shop.kubectl(['scale', 'deploy/orders', `--replicas=${known.length + 1}`]);
    await shop.ready();
    const added = names(await shop.pods('orders')).find((name) => !known.includes(name));
    await waitFor(`web asks ${added}`, 20_000, async () => {
      const metrics = await weft(['diagnostics', 'proxy-metrics', '-n', NAMESPACE, `po/${added}`]);
      return /^request_total\{[^}]*client_id="web\..*\} [1-9]/m.test(metrics);
    });
    expect(await failedRequests()).toEqual([]);
  });

  it('identity: 0 failed requests, and new proxies get their certificates', async () => {
    await restart('identity');
    await shop.kubectl(['rollout', 'restart', 'deploy/mail']);
    await shop.ready();
    const log = await kubectl(['logs', '-n', 'linkerd', 'deploy/linkerd-identity']);
    expect(log).toContain(
      `issued certificate for mail.${NAMESPACE}.serviceaccount.identity.linkerd.cluster.local`,
    );
    expect(await failedRequests()).toEqual([]);
  });

  it('the injector: 0 failed requests, and every pod that comes meanwhile gets a proxy', async () => {
    const probe = WebhookProbe.begin(NAMESPACE);
    await restart('proxy-injector');
    const { created, problems } = await probe.end();
    console.log(`${created} pods were created during the restart`);
    expect(created).toBeGreaterThan(10);
    expect(problems).toEqual([]);
    expect(await failedRequests()).toEqual([]);
  });
});
