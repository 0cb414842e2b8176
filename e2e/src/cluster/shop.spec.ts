import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../harness/wait-for.ts';
import { installed } from './harness/installation.ts';
import { get, tryKubectl } from './harness/kubectl.ts';
import { openShop } from './harness/shop.ts';
import { isMeshed, type TestNamespace } from './harness/test-namespace.ts';

describe('the shop on a Kubernetes', () => {
  let shop: TestNamespace;
  let wasOpen: boolean;

  beforeAll(async () => {
    await installed();
    wasOpen = (await tryKubectl(['get', 'namespace', 'shop'])).status === 0;
    shop = await openShop();
  });
  // A shop that somebody else has opened stays.
  afterAll(() => (wasOpen ? undefined : shop?.delete()));

  it('has a proxy in every pod but those that asked for none', async () => {
    for (const workload of ['web', 'orders', 'mail', 'ticker', 'traffic', 'intruder', 'reports']) {
      expect([workload, isMeshed(await shop.pod(workload))]).toEqual([workload, true]);
    }
    expect(isMeshed(await shop.pod('legacy'))).toBe(false);
  });

  it('intruder gets 403, and PERMISSION_DENIED by gRPC', async () => {
    expect(await shop.inside('intruder', 'status.mjs', 'http://ticker/')).toBe('403\n');
    expect(await shop.inside('intruder', 'place-order.mjs', 'orders:50051')).toMatch(/^7 /);
    expect(await shop.inside('web', 'place-order.mjs', 'orders:50051')).toBe('OK\n');
  });

  it('its Job completes, and the proxy of it too', async () => {
    const job = await waitFor('the Job is complete', 60_000, async () => {
      const { status } = await get<{ status: { succeeded?: number } }>('job', 'inventory', '-n', 'shop');
      return status.succeeded === 1;
    });
    expect(job).toBe(true);
  });
});
