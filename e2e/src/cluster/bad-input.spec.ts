import { afterAll, beforeAll, describe } from '@jest/globals';
import { annotationsScenario } from './bad-input/annotations.ts';
import { certifyScenario } from './bad-input/certify.ts';
import { discoveryScenario } from './bad-input/discovery.ts';
import { policiesScenario } from './bad-input/policies.ts';
import { valuesScenario } from './bad-input/values.ts';
import { installed } from './harness/installation.ts';
import { aDeployment, aService, IDLE, serverOn } from './harness/manifests.ts';
import { MeshCaller } from './harness/mesh-caller.ts';
import { TestNamespace } from './harness/test-namespace.ts';

const OUTSIDE = { annotations: { 'linkerd.io/inject': 'disabled' } };
const UNCHECKED = 'config.linkerd.io/admission-webhooks=disabled';

describe('bad input', () => {
  let namespace: TestNamespace;
  /** The webhooks are switched off here. */
  let unchecked: TestNamespace;
  let caller: MeshCaller;

  beforeAll(async () => {
    await installed();
    namespace = await TestNamespace.create('bad-input', 'enabled');
    unchecked = await TestNamespace.create('bad-input-unchecked', 'enabled');
    const web = [aDeployment('web', serverOn(8080)), aService('web', [{ port: 80, targetPort: 8080 }])];
    await namespace.apply(...web, aDeployment('caller', IDLE, OUTSIDE));
    await unchecked.apply(...web, aDeployment('legacy', IDLE, OUTSIDE));
    await Promise.all([namespace.ready(), unchecked.ready()]);
    await unchecked.kubectl(['label', 'namespace', unchecked.name, UNCHECKED]);
    caller = await MeshCaller.in(namespace, 'caller');
  });
  afterAll(() => Promise.all([namespace?.delete(), unchecked?.delete()]));

  describe('in the values of an installation', () => valuesScenario());
  describe('in policies', () =>
    policiesScenario(
      () => namespace,
      () => unchecked,
    ));
  describe('in annotations of pods', () => annotationsScenario(() => namespace));
  describe('sent to identity', () =>
    certifyScenario(
      () => namespace,
      () => caller,
    ));
  describe('sent to destination', () =>
    discoveryScenario(
      () => namespace,
      () => caller,
    ));
});
