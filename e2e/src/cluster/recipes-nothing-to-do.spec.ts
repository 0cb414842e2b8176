import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../harness/wait-for.ts';
import { capture, isReadable, portsReached } from './harness/capture.ts';
import { installed } from './harness/installation.ts';
import { tryKubectl } from './harness/kubectl.ts';
import { peer } from './harness/peer.ts';
import { containersOf, isMeshed, TestNamespace } from './harness/test-namespace.ts';
import { tryWeft, weft } from './harness/weft.ts';

const DEBUG = { 'config.linkerd.io/enable-debug-sidecar': 'true' };

describe('nothing to do', () => {
  let plain: TestNamespace;

  beforeAll(async () => {
    await installed();
    plain = await TestNamespace.create('recipes-nothing-to-do');
  });
  afterAll(async () => {
    await injectByDefault(false);
    await plain?.delete();
  });

  async function injectByDefault(enabled: boolean): Promise<void> {
    await weft(['upgrade', '--apply', '--set', `proxyInjector.injectByDefault.enabled=${enabled}`]);
    // The API server may talk to an injector that ends, a little longer.
    await waitFor('it is in force', 15_000, async () => (await wouldBeInjected(plain.name)) === enabled);
  }

  /** Whether a pod without any annotation would get a proxy. */
  async function wouldBeInjected(namespace: string): Promise<boolean> {
    const run = ['run', 'anybody', '-n', namespace, '--image=shop:0.1.0', '--dry-run=server', '-o', 'json'];
    const { status, stdout, stderr } = await tryKubectl(run);
    if (status !== 0) throw new Error(stderr);
    return stdout.includes('"name": "linkerd-proxy"');
  }

  it('is for those who have opted in; others are left alone', async () => {
    await plain.apply(...peer('before'));
    expect(containersOf(await plain.pod('before'))).toEqual(['before']);
  });

  it('with injection by default: a pod without any annotation is meshed, and what it says is encrypted', async () => {
    await injectByDefault(true);
    await plain.apply(...peer('client'), ...peer('server', { annotations: DEBUG }));
    const [client, server] = [await plain.pod('client'), await plain.pod('server')];
    expect(containersOf(client)).toEqual(['linkerd-init', 'linkerd-proxy', 'client']);

    let answer = '';
    const packets = await capture(plain, 'server', async () => {
      answer = await plain.inside('client', 'fetch.mjs', 'http://server:8080/secret-page');
    });
    expect(JSON.parse(answer)).toMatchObject({
      client: `default.${plain.name}.serviceaccount.identity.linkerd.cluster.local`,
      path: '/secret-page',
    });
    expect(isReadable(packets, 'secret-page')).toBe(false);
    expect(portsReached(packets, client.status.podIP!, server.status.podIP!)).toEqual([4143]);
  });

  it('with injection by default: not for who says no, nor in namespaces of the system', async () => {
    await plain.apply(...peer('unwilling', { annotations: { 'linkerd.io/inject': 'disabled' } }));
    expect(isMeshed(await plain.pod('unwilling'))).toBe(false);
    for (const namespace of ['kube-public', 'kube-system'])
      expect([namespace, await wouldBeInjected(namespace)]).toEqual([namespace, false]);
  });

  it('with injection by default: pods that came before lack a proxy, and weft check names them', async () => {
    const { name } = (await plain.pod('before')).metadata;
    expect((await tryWeft(['check'])).stdout).toContain(`${plain.name}/${name}`);
  });
});
