import { expect, it } from '@jest/globals';
import { Load } from '../harness/load.ts';
import type { Mesh } from '../harness/mesh.ts';
import { metric } from '../harness/metrics.ts';
import { pause, waitFor } from '../harness/wait-for.ts';

const OUTAGE_MS = 30_000;
const RECOVERY_MS = 10_000;

/**
 * Kills a service whenever it shows itself, for half a minute, while `meanwhile` runs; answers when it is back.
 */
async function keepDown(
  mesh: Mesh,
  [workload, container]: readonly [string, string],
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  const end = performance.now() + OUTAGE_MS;
  const beside = meanwhile();
  while (performance.now() < end) {
    await mesh.kill(workload, container);
    await pause(100);
  }
  await beside;
  await waitFor(`${workload} is started again`, 15_000, () =>
    mesh.pods(workload).some(({ containers }) => containers.some(({ state }) => state === 'running')),
  );
}

/** How many endpoints of orders a client's proxy knows. */
function knownOrders(mesh: Mesh): Promise<number> {
  const labels = { backend_name: 'orders', backend_port: '50051' };
  return metric(mesh, mesh.pod('web').ip, 'outbound_http_balancer_p2c_endpoints', labels);
}

async function expectNoFailure(load: Load): Promise<void> {
  const { sent, failed, errors } = await load.soFar();
  expect(errors).toEqual([]);
  expect(failed).toBe(0);
  expect(sent).toBeGreaterThan(500);
}

export function outageScenario(mesh: () => Mesh): void {
  it('identity is killed for 30 s under load: 0 failed requests, and it certifies within 10 s of its return', async () => {
    const load = await Load.begin(mesh());
    const known = new Set(
      mesh()
        .pods('reports')
        .map(({ name }) => name),
    );
    // A pod that comes during the outage waits for its certificate.
    await keepDown(mesh(), ['linkerd-identity', 'identity'], async () => {
      await pause(OUTAGE_MS / 2);
      mesh().folder.scale('reports', 2);
    });
    const certified = { result: 'ok' };
    await waitFor('a new proxy is certified', RECOVERY_MS, async () => {
      const added = mesh()
        .pods('reports')
        .find(({ name }) => !known.has(name));
      return (
        added && (await metric(mesh(), added.ip, 'control_identity_cert_refreshes_total', certified)) > 0
      );
    });
    mesh().folder.scale('reports', 1);
    await expectNoFailure(load);
  });

  it('destination is killed for 30 s under load: 0 failed requests, and changes arrive within 10 s of its return', async () => {
    const load = await Load.begin(mesh());
    expect(await knownOrders(mesh())).toBe(3);
    await keepDown(mesh(), ['linkerd-destination', 'destination'], async () => {
      await pause(OUTAGE_MS / 2);
      mesh().folder.scale('orders', 4);
    });
    // Of what has changed meanwhile clients hear as soon as there is somebody to tell them.
    await waitFor('clients know the new replica', RECOVERY_MS, async () => (await knownOrders(mesh())) === 4);
    mesh().folder.scale('orders', 3);
    await mesh().scaled('orders', 3);
    await expectNoFailure(load);
  });
}
