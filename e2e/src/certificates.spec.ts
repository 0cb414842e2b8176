import { afterAll, beforeAll, describe } from '@jest/globals';
import { ControlPlane } from './harness/control-plane.ts';
import { Authority } from './harness/credentials.ts';
import { Folder } from './harness/folder.ts';
import { Mesh } from './harness/mesh.ts';
import { refusedClientsScenario } from './scenarios/refused-clients.ts';
import { renewalScenario } from './scenarios/renewal.ts';

describe('certificates', () => {
  const folder = Folder.ofShop();
  const authority = new Authority();
  const planes: ControlPlane[] = [];
  let mesh: Mesh;

  beforeAll(async () => {
    authority.installIn(folder);
    mesh = await Mesh.start(folder, { leafLifetime: '20s' });
    await mesh.ready();
    const start = async (by: Authority, leafLifetime: string) =>
      planes.push(await ControlPlane.start({ folder, authority: by, leafLifetime }));
    await start(authority, '24h');
    await start(authority, '2s');
    await start(new Authority(), '24h');
  });
  afterAll(async () => {
    await Promise.all(planes.map((plane) => plane.stop()));
    await mesh?.stop();
    folder.delete();
  });

  refusedClientsScenario(() => mesh, {
    trusted: () => planes[0]!,
    fleeting: () => planes[1]!,
    foreign: () => planes[2]!,
  });
  renewalScenario(() => mesh, authority);
});
