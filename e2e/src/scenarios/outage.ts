import { expect, it } from '@jest/globals';
import { Load } from '../harness/load.ts';
import type { Mesh } from '../harness/mesh.ts';
import { metric } from '../harness/metrics.ts';
import { pause, waitFor } from '../harness/wait-for.ts';

const OUTAGE_MS = 30_000;
const RECOVERY_MS = 10_000;

/** Kills a service whenever it shows itself, for half a minute; answers when it is back. */
async function keepDown(mesh: Mesh, workload: string, container: string): Promise<void> {
  const end = performance.now() + OUTAGE_MS;
  while (performance.now() < end) {
    await mesh.kill(workload, container);
    await pause(100);
  }
  await waitFor(`${workload} is started again`, 15_000, () =>
    mesh.pods(workload).some(({ containers }) => containers.some(({ state }) => state === 'running')),
  );
}

export function outageScenario(mesh: () => Mesh): void {
  it('identity is killed for 30 s under load: 0 failed requests, and it certifies within 10 s of its return', async () => {
    const load = await Load.begin(mesh());
    await keepDown(mesh(), 'linkerd-identity', 'identity');
    // A new pod is ready only when its proxy has a certificate.
    mesh().folder.scale('reports', 2);
    await mesh().scaled('reports', 2, RECOVERY_MS + 5000);
    mesh().folder.scale('reports', 1);
    const { sent, failed, errors } = await load.soFar();
    expect(errors).toEqual([]);
    expect(failed).toBe(0);
    expect(sent).toBeGreaterThan(500);
  });

  it('destination is killed for 30 s under load: 0 failed requests, and changes arrive within 10 s of its return', async () => {
    const load = await Load.begin(mesh());
    const known = new Set(
      mesh()
        .pods('orders')
        .map(({ name }) => name),
    );
    await keepDown(mesh(), 'linkerd-destination', 'destination');
    const back = performance.now();
    mesh().folder.scale('orders', 4);
    const added = await waitFor('a new replica is ready', RECOVERY_MS, () =>
      mesh()
        .pods('orders')
        .find(({ name, ready }) => ready && !known.has(name)),
    );
    const labels = { direction: 'inbound', target_port: '50051', tls: 'true' };
    await waitFor(
      'clients have heard of the new replica',
      RECOVERY_MS - (performance.now() - back),
      async () => (await metric(mesh(), added.ip, 'request_total', labels)) > 0,
    );
    mesh().folder.scale('orders', 3);
    await mesh().scaled('orders', 3);
    const { sent, failed, errors } = await load.soFar();
    expect(errors).toEqual([]);
    expect(failed).toBe(0);
    expect(sent).toBeGreaterThan(500);
  });
}
