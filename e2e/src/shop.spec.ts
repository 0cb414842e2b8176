import { afterAll, beforeAll, describe } from '@jest/globals';
import { Folder } from './harness/folder.ts';
import { Mesh } from './harness/mesh.ts';
import { attacksScenario } from './scenarios/attacks.ts';
import { documentScenario } from './scenarios/document.ts';
import { encryptionScenario } from './scenarios/encryption.ts';
import { jobScenario } from './scenarios/job.ts';
import { outageScenario } from './scenarios/outage.ts';
import { policyScenario } from './scenarios/policy.ts';
import { scalingScenario } from './scenarios/scaling.ts';

describe('the shop in a mesh', () => {
  const folder = Folder.ofShop();
  let mesh: Mesh;

  beforeAll(async () => {
    mesh = await Mesh.start(folder);
    await mesh.ready();
  });
  afterAll(async () => {
    await mesh?.stop();
    folder.delete();
  });

  jobScenario(() => mesh);
  encryptionScenario(() => mesh);
  policyScenario(() => mesh);
  scalingScenario(() => mesh);
  attacksScenario(() => mesh);
  outageScenario(() => mesh);
  documentScenario(() => mesh);
});
