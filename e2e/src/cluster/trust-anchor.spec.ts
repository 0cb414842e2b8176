import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuthorityPem, createIssuer, createTrustAnchor } from '@weft/identity';
import { descriptionsOf, NO_GATEWAY_API, weftCheck } from './harness/check-report.ts';
import { ClusterLoad } from './harness/cluster-load.ts';
import { happened } from './harness/events.ts';
import { anchorKeyFile, installed } from './harness/installation.ts';
import { installedAnchor } from './harness/issuer.ts';
import { kubectl, list } from './harness/kubectl.ts';
import { restart, restartWorkloads } from './harness/rolling-restart.ts';
import { openShopIn } from './harness/shop.ts';
import type { TestNamespace } from './harness/test-namespace.ts';
import { tryWeft, weft } from './harness/weft.ts';

const NAMESPACE = 'anchor-shop';
const DAY_MS = 24 * 3_600_000;

/** The steps of `docs/rotate-certificates.md`, in their order: each test goes on where the one before ended. */
describe('a trust anchor that is replaced while the shop is busy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-anchor-'));
  const issuerName = `identity-${Date.now()}.linkerd.cluster.local`;
  let shop: TestNamespace;
  let old: AuthorityPem;
  let anchor: AuthorityPem;

  beforeAll(async () => {
    await installed();
    old = await installedAnchor();
    anchor = createTrustAnchor({
      name: `root-${Date.now()}.linkerd.cluster.local`,
      lifetimeMs: 3650 * DAY_MS,
    });
    // Whoever is meshed has to be restarted with the rest.
    await kubectl(['delete', 'namespace', 'shop', '--ignore-not-found', '--wait']);
    shop = await openShopIn(NAMESPACE, {}, []);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await shop?.delete();
  });

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** Restarts the control plane and everything that is meshed. Returns what failed meanwhile. */
  async function restartAll(): Promise<readonly string[]> {
    const load = await ClusterLoad.begin(shop);
    for (const component of ['identity', 'destination', 'proxy-injector'] as const) await restart(component);
    const deployments = await list<{ metadata: { name: string } }>('deploy', '-n', NAMESPACE);
    const served = deployments.map(({ metadata }) => metadata.name).filter((name) => name !== 'traffic');
    await restartWorkloads(shop, served);
    const { sent, failed, errors } = await load.soFar();
    console.log(`${sent} requests, ${failed} failed`);
    expect(sent).toBeGreaterThan(100);
    await restartWorkloads(shop, ['traffic']);
    return failed === 0 ? [] : [`${failed} of ${sent}`, ...errors];
  }

  async function problems(): Promise<readonly string[]> {
    const report = await weftCheck('--proxy', '-n', NAMESPACE, '--wait', '60s');
    return descriptionsOf(report.problems).filter((problem) => problem !== NO_GATEWAY_API);
  }

  it('an issuer of the new anchor is refused while nobody trusts it, and nothing changes', async () => {
    const { certChainPem, keyPem } = createIssuer(anchor, { name: issuerName, lifetimeMs: 365 * DAY_MS });
    const { status, stderr } = await tryWeft([
      ...['upgrade', '--apply', '--identity-issuer-certificate-file', file('issuer.crt', certChainPem)],
      ...['--identity-issuer-key-file', file('issuer.key', keyPem)],
    ]);
    expect([status, stderr]).toEqual([1, expect.stringContaining(issuerName)]);
    expect(await problems()).toEqual([]);
  });

  it('both anchors are trusted after a restart: 0 failed requests', async () => {
    const bundle = file('bundle.crt', `${old.certChainPem.trim()}\n${anchor.certChainPem.trim()}\n`);
    const { status, stderr } = await tryWeft(['upgrade', '--apply', '--identity-trust-anchors-file', bundle]);
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('the trust anchors change: restart every meshed workload'),
    ]);
    expect(await problems()).toContain('data plane proxies certificate match CA');
    expect(await restartAll()).toEqual([]);
    expect(await problems()).toEqual([]);
  });

  it('the new issuer takes over: 0 failed requests', async () => {
    const since = new Date();
    const load = await ClusterLoad.begin(shop);
    await weft([
      ...['upgrade', '--apply', '--identity-issuer-certificate-file', join(folder, 'issuer.crt')],
      ...['--identity-issuer-key-file', join(folder, 'issuer.key')],
    ]);
    await happened('linkerd', 'IssuerUpdated', new RegExp(issuerName), since, 150_000);
    expect((await load.soFar()).errors).toEqual([]);
    expect(await restartAll()).toEqual([]);
    const text = await weft(['identity', '-n', NAMESPACE, '-l', 'app in (web,orders,ticker,traffic)']);
    const issuers = [...text.matchAll(/Issuer: CN=(.*)/g)].map(([, name]) => name);
    expect(new Set(issuers)).toEqual(new Set([issuerName]));
  });

  it('the old anchor is trusted no more: 0 failed requests', async () => {
    await weft(['upgrade', '--apply', '--identity-trust-anchors-file', file('ca.crt', anchor.certChainPem)]);
    expect(await restartAll()).toEqual([]);
    expect(await problems()).toEqual([]);
    // Tests that sign issuers find the key where that of the anchor before was.
    writeFileSync(anchorKeyFile, anchor.keyPem, { mode: 0o600 });
  });
});
