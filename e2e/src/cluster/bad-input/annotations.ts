import { expect, it } from '@jest/globals';
import { happened } from '../harness/events.ts';
import { toYaml, tryKubectl } from '../harness/kubectl.ts';
import { aContainer, aDeployment, IDLE } from '../harness/manifests.ts';
import { containersOf, isMeshed, type TestNamespace } from '../harness/test-namespace.ts';

const CONFIG = 'config.linkerd.io';

function aPod(name: string, annotations: Readonly<Record<string, string>>) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 2, containers: [aContainer(name, IDLE)] },
  };
}

export function annotationsScenario(namespace: () => TestNamespace): void {
  const apply = (name: string, annotations: Readonly<Record<string, string>>) =>
    tryKubectl(['apply', '-n', namespace().name, '-f', '-'], toYaml([aPod(name, annotations)]));

  it('of injection itself: the pod starts without a proxy, and an event says why', async () => {
    const since = new Date();
    const annotations = { 'linkerd.io/inject': 'enabld' };
    await namespace().apply(aDeployment('misspelt', IDLE, { annotations }));
    const pod = await namespace().pod('misspelt');
    expect(isMeshed(pod)).toBe(false);
    const event = await happened(namespace().name, 'InjectionSkipped', /linkerd\.io\/inject/, since);
    expect(event.message).toMatch(/invalid|enabld/);
    expect(event.involvedObject).toMatchObject({ kind: 'Deployment', name: 'misspelt' });
  });

  it.each([
    ['proxy-log-http-headers', 'everything'],
    ['close-wait-timeout', '10s'],
  ])('%s: %s: the pod is refused, by name and value', async (key, value) => {
    const { status, stderr } = await apply('refused', { [`${CONFIG}/${key}`]: value });
    expect([status, stderr]).toEqual([1, expect.stringContaining('denied the request')]);
    expect(stderr).toContain(`${CONFIG}/${key}`);
  });

  it('of a Deployment whose pods are refused: an event of its ReplicaSet says why', async () => {
    const since = new Date();
    const annotations = { [`${CONFIG}/proxy-log-http-headers`]: 'everything' };
    await namespace().apply(aDeployment('refused', IDLE, { annotations }));
    const { message } = await happened(namespace().name, 'FailedCreate', /proxy-log-http-headers/, since);
    expect(message).toContain('everything');
    expect(await namespace().pods('refused')).toEqual([]);
    await namespace().kubectl(['delete', 'deploy', 'refused']);
  });

  it.each([
    ['proxy-cpu-request', 'lots', '"lots" is not'],
    ['proxy-await', 'perhaps', '"perhaps" is not'],
    ['default-inbound-policy', 'denny', '"denny" is not'],
    ['opaque-ports', '25,no such port', 'no such port'],
    ['skip-inbound-prots', '8080', `${CONFIG}/skip-inbound-ports`],
  ])('%s: %s: the pod is injected without it, with a warning', async (key, value, warning) => {
    const name = `warned-${key}`;
    const { status, stderr } = await apply(name, { [`${CONFIG}/${key}`]: value });
    expect([status, stderr]).toEqual([0, expect.stringContaining('Warning: ')]);
    expect(stderr).toContain(`${CONFIG}/${key}`);
    expect(stderr).toContain(warning);
    const [pod] = await namespace().pods(name);
    expect(containersOf(pod!)).toContain('linkerd-proxy');
    await namespace().kubectl(['delete', 'pod', name, '--wait=false']);
  });

  it('inbound-port: 70000: the API server refuses the pod, with the warning that it would', async () => {
    const { status, stderr } = await apply('no-port', { [`${CONFIG}/inbound-port`]: '70000' });
    expect([status, stderr]).toEqual([1, expect.stringContaining('containerPort: Invalid value: 70000')]);
    expect(stderr).toMatch(/^Warning: .*config\.linkerd\.io\/inbound-port.*"70000" is outside of 1 to 65535/);
  });
}
