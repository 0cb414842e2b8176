import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../harness/wait-for.ts';
import { watch } from './harness/capture.ts';
import { installed } from './harness/installation.ts';
import { peer } from './harness/peer.ts';
import { UserShell } from './harness/shell.ts';
import { containersOf, TestNamespace } from './harness/test-namespace.ts';

const ENABLED = { 'linkerd.io/inject': 'enabled' };
const DEBUG = { 'config.linkerd.io/enable-debug-sidecar': 'true' };
const SIDECARS = ['linkerd-init', 'linkerd-proxy'];

describe('the debug sidecar, as the guide has it', () => {
  let mesh: TestNamespace;
  let shell: UserShell;

  beforeAll(async () => {
    await installed();
    mesh = await TestNamespace.create('recipes-debug');
    shell = await UserShell.open(mesh.name);
    await mesh.apply(
      ...peer('meshed', { annotations: ENABLED }),
      ...peer('unmeshed'),
      ...peer('watched', { annotations: { ...ENABLED, ...DEBUG } }),
      ...peer('my-deployment', { annotations: ENABLED }),
      ...peer('plain-deployment'),
    );
    await mesh.ready();
  });
  afterAll(async () => {
    shell?.close();
    await mesh?.delete();
  });

  const ask = (from: string, path: string) => mesh.inside(from, 'fetch.mjs', `http://watched:8080/${path}`);

  it('by annotation config.linkerd.io/enable-debug-sidecar: "true"', async () => {
    expect(containersOf(await mesh.pod('watched'))).toEqual([...SIDECARS, 'watched', 'linkerd-debug']);
  });

  it('prints what tshark sees in its log, which is TLS between pods', async () => {
    await ask('meshed', 'for-the-log');
    const { metadata, status } = await mesh.pod('watched');
    const meshed = (await mesh.pod('meshed')).status.podIP!;
    const between = await waitFor('tshark has printed it', 10_000, async () => {
      const lines = (await mesh.logs(metadata.name, 'linkerd-debug')).split('\n');
      const seen = lines.filter((line) => line.includes(`${meshed} → ${status.podIP}`));
      return seen.some((line) => line.includes('Client Hello')) && seen;
    });
    expect(between.filter((line) => line.includes('for-the-log'))).toEqual([]);
  });

  it.each([
    'tcpdump -l -A -i eth0 tcp',
    'tshark -l -i eth0 -Y http.request -T fields -e ip.src -e http.request.uri',
  ])('%s: no request of the mesh on the interface, others in full', async (program) => {
    const seen = await watch(mesh, 'watched', program, async () => {
      await ask('meshed', 'said-in-the-mesh');
      await ask('unmeshed', 'said-outside-of-it');
    });
    expect(seen.includes('/said-outside-of-it')).toBe(true);
    expect(seen.includes('said-in-the-mesh')).toBe(false);
  });

  it.each([
    ['linkerd', 'my-deployment', 'injected before'],
    ['weft', 'plain-deployment', 'not injected before'],
  ])(
    'by kubectl get | %s inject --enable-debug-sidecar - | kubectl apply: %s, %s',
    async (name, deployment) => {
      const line = `kubectl get -o yaml deployment ${deployment} | ${name} inject --enable-debug-sidecar - | kubectl apply -f -`;
      const { status, stdout, stderr } = await shell.run(line);
      expect({ status, stdout, stderr }).toEqual({
        status: 0,
        stdout: `deployment.apps/${deployment} configured\n`,
        stderr: `\ndeployment "${deployment}" injected\n\n`,
      });
      await mesh.kubectl(['rollout', 'status', `deploy/${deployment}`, '--timeout=60s']);
      const containers = containersOf(await mesh.pod(deployment));
      expect(containers).toEqual([...SIDECARS, deployment, 'linkerd-debug']);
    },
  );
});
