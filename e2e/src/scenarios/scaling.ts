import { expect, it } from '@jest/globals';
import { Load } from '../harness/load.ts';
import type { Mesh } from '../harness/mesh.ts';
import { metric } from '../harness/metrics.ts';
import { pause, waitFor } from '../harness/wait-for.ts';

/** Time in which the traffic meets the new state. */
const SETTLE_MS = 4000;

export function scalingScenario(mesh: () => Mesh): void {
  it('an orders replica is added, and another stopped, under load: 0 failed requests', async () => {
    const load = await Load.begin(mesh());
    const known = new Set(
      mesh()
        .pods('orders')
        .map(({ name }) => name),
    );

    mesh().folder.scale('orders', 4);
    await mesh().scaled('orders', 4);
    const added = mesh()
      .pods('orders')
      .find(({ name }) => !known.has(name))!;
    const labels = { direction: 'inbound', target_port: '50051', tls: 'true' };
    await waitFor(
      'the new replica serves',
      40_000,
      async () => (await metric(mesh(), added.ip, 'request_total', labels)) > 2,
    );

    mesh().folder.scale('orders', 2);
    await mesh().scaled('orders', 2);
    await pause(SETTLE_MS);
    mesh().folder.scale('orders', 3);
    await mesh().scaled('orders', 3);

    const { sent, failed, errors } = await load.soFar();
    expect(errors).toEqual([]);
    expect(failed).toBe(0);
    expect(sent).toBeGreaterThan(200);
  });
}
