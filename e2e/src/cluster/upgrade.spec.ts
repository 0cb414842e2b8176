import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { descriptionsOf, NO_GATEWAY_API, weftCheck } from './harness/check-report.ts';
import { clusterVerb } from './harness/cluster.ts';
import { ClusterLoad } from './harness/cluster-load.ts';
import { servingPods } from './harness/control-plane.ts';
import { installed } from './harness/installation.ts';
import { get, kubectl } from './harness/kubectl.ts';
import { openShopIn } from './harness/shop.ts';
import type { TestNamespace } from './harness/test-namespace.ts';
import { type ProbeResult, WebhookProbe } from './harness/webhook-probe.ts';
import { tryWeft } from './harness/weft.ts';

const NAMESPACE = 'upgrade-shop';
const OVERRIDES = 'linkerd-config-overrides';

/** Objects whose loss would cost every proxy a restart, or the API server its trust in the webhooks. */
const KEPT = [
  ['configmap', 'linkerd-identity-trust-roots'],
  ['secret', 'linkerd-identity-issuer'],
  ['secret', 'linkerd-proxy-injector-k8s-tls'],
  ['secret', 'linkerd-policy-validator-k8s-tls'],
] as const;

describe('weft upgrade, in place, while the shop is busy', () => {
  let shop: TestNamespace;

  const folder = mkdtempSync(join(tmpdir(), 'weft-upgrade-'));
  const before = join(folder, 'values.yaml');

  beforeAll(async () => {
    await installed();
    writeFileSync(before, await kubectl(['get', 'secret', OVERRIDES, '-n', 'linkerd', '-o', 'yaml']), {
      mode: 0o600,
    });
    await tagController('0.1.1');
    shop = await openShopIn(NAMESPACE, {}, []);
  });
  afterAll(async () => {
    await tryWeft(['upgrade', '--apply', '--from-manifests', before]);
    rmSync(folder, { recursive: true });
    await shop?.delete();
  });

  /** The program that is there, as another version of it. */
  async function tagController(version: string): Promise<void> {
    const dockerfile = join(folder, 'Dockerfile');
    writeFileSync(dockerfile, `FROM weft/controller:0.1.0\nLABEL version=${version}\n`);
    await clusterVerb('build', folder, `weft/controller:${version}`, '-f', dockerfile);
  }

  async function keptData(): Promise<unknown> {
    const objects = KEPT.map(([kind, name]) => get(kind, name, '-n', 'linkerd'));
    return (await Promise.all(objects)).map(({ data }) => data);
  }

  /** Upgrades under load and tells what it has cost. */
  async function upgrade(
    flags: readonly string[],
  ): Promise<{ failed: readonly string[]; probe: ProbeResult }> {
    const load = await ClusterLoad.begin(shop);
    const probe = WebhookProbe.begin(NAMESPACE);
    const begun = performance.now();
    const { status, stdout, stderr } = await tryWeft(['upgrade', '--apply', ...flags]);
    const seconds = (performance.now() - begun) / 1000;
    const probed = await probe.end();
    expect([status, stderr]).toEqual([0, expect.stringContaining('linkerd-destination')]);
    expect(stdout).toContain('The control plane is upgraded.');
    const { sent, failed, errors } = await load.soFar();
    console.log(
      `upgraded in ${seconds.toFixed(1)} s: ${sent} requests, ${failed} failed; ${probed.created} pods created`,
    );
    expect(sent).toBeGreaterThan(50);
    return { failed: failed === 0 ? [] : [`${failed} of ${sent}`, ...errors], probe: probed };
  }

  it.each([
    [
      'to another image and another value',
      ['--set', 'controllerImageVersion=0.1.1,controllerLogLevel=debug'],
      '0.1.1',
      'debug',
    ],
    ['and back to the values that were kept', ['--from-manifests', before], '0.1.0', 'info'],
  ])('%s: 0 failed requests, every pod injected, certificates kept', async (_, flags, version, level) => {
    const kept = await keptData();
    const { failed, probe } = await upgrade(flags);
    expect(failed).toEqual([]);
    expect(probe.problems).toEqual([]);
    expect(probe.created).toBeGreaterThan(10);
    expect(await keptData()).toEqual(kept);
    for (const component of ['identity', 'destination', 'proxy-injector'] as const) {
      const [pod] = await servingPods(component);
      const [container] = pod!.spec.containers;
      expect([component, container?.image]).toEqual([component, `weft/controller:${version}`]);
      expect(container).toMatchObject({ args: expect.arrayContaining([`-log-level=${level}`]) });
    }
  });

  it('leaves a mesh that passes weft check --proxy', async () => {
    const report = await weftCheck('--proxy', '-n', NAMESPACE);
    expect(descriptionsOf(report.problems)).toEqual([NO_GATEWAY_API]);
  });

  it('changes nothing where a value is wrong', async () => {
    const before = await get('deploy', 'linkerd-destination', '-n', 'linkerd');
    const { status, stderr } = await tryWeft(['upgrade', '--apply', '--set', 'proxy.logLevle=debug']);
    expect([status, stderr]).toEqual([1, expect.stringContaining("'logLevle' not allowed")]);
    expect(await get('deploy', 'linkerd-destination', '-n', 'linkerd')).toEqual(before);
  });
});
