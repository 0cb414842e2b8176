import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../harness/folder.ts';
import { descriptionsOf, NO_GATEWAY_API, weftCheck } from './harness/check-report.ts';
import { clusterUp } from './harness/cluster.ts';
import { clusterObjects } from './harness/cluster-objects.ts';
import { installByHelm, uninstallByHelm } from './harness/helm.ts';
import { uninstall } from './harness/installation.ts';
import { kubectl } from './harness/kubectl.ts';
import { rememberInstallation } from './harness/put-back.ts';
import { openShopIn } from './harness/shop.ts';
import { isMeshed, TestNamespace } from './harness/test-namespace.ts';
import { interruptWeft, tryWeft, weft } from './harness/weft.ts';

const NAMESPACE = 'install-shop';

describe('an installation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-install-'));
  const keyFile = join(folder, 'anchor.key');
  let putBack: () => Promise<unknown>;
  /** What there is without a control plane. */
  let nothing: readonly string[];

  beforeAll(async () => {
    process.env.KUBECONFIG = await clusterUp();
    putBack = await rememberInstallation();
    await TestNamespace.existing(NAMESPACE).delete();
    await uninstall();
    nothing = await clusterObjects();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await putBack?.();
  });

  describe('by weft install', () => {
    let shop: TestNamespace;

    it('is ready, and says what comes next', async () => {
      const begun = performance.now();
      const { status, stdout, stderr } = await tryWeft([
        ...['install', '--apply', '--trust-anchor-key-file', keyFile],
      ]);
      console.log(`weft install: ready after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      expect([status, stderr]).toEqual([0, expect.stringContaining('deployment/linkerd-identity applied')]);
      expect(stderr).toMatch(/linkerd-destination: 0 of 1 ready/);
      expect(stdout).toMatch(
        /^\nThe control plane is ready in namespace linkerd\. See for yourself:\n {2}weft check\n/,
      );
      expect(stdout).toContain('kubectl annotate namespace NAMESPACE linkerd.io/inject=enabled');
      expect(stdout).toContain(`The anchor's key is in ${keyFile}`);
    });

    it('passes weft check, in words and as JSON', async () => {
      const report = await weftCheck('-n', 'linkerd');
      expect([report.status, report.success]).toEqual([0, true]);
      expect(descriptionsOf(report.problems)).toEqual([NO_GATEWAY_API]);
      expect(report.findings.length).toBeGreaterThan(30);
      const table = await weft(['check', '-n', 'linkerd']);
      expect(table.match(/^√ /gm)?.length).toBe(report.findings.length - 1);
      expect(table).toMatch(/\nStatus check results are √\n$/);
    });

    it('is not made twice', async () => {
      const { status, stderr } = await tryWeft(['install', '--apply']);
      expect([status, stderr]).toEqual([
        1,
        'weft: there is a control plane in namespace "linkerd" already; use weft upgrade to change it\n',
      ]);
    });

    it('meshes the shop, whose proxies pass weft check --proxy', async () => {
      shop = await openShopIn(NAMESPACE, {}, []);
      for (const workload of ['web', 'orders', 'ticker', 'traffic']) {
        expect([workload, isMeshed(await shop.pod(workload))]).toEqual([workload, true]);
      }
      const report = await weftCheck('--proxy', '-n', NAMESPACE, '--wait', '60s');
      expect([report.status, report.success]).toEqual([0, true]);
      expect(descriptionsOf(report.problems)).toEqual([NO_GATEWAY_API]);
      expect(descriptionsOf(report.findings)).toContain('data plane proxies have valid certificates');
    });

    it('tells the certificate of a pod by weft identity', async () => {
      const { metadata } = await shop.pod('web');
      const text = await weft(['identity', '-n', NAMESPACE, metadata.name]);
      expect(text).toContain(`POD ${metadata.name} (1 of 1)`);
      expect(text).toContain(`web.${NAMESPACE}.serviceaccount.identity.linkerd.cluster.local`);
      expect(text).toContain('CN=identity.linkerd.cluster.local');
      const all = await weft(['identity', '-n', NAMESPACE, '-l', 'app=orders']);
      expect(all.match(/^POD orders-\S+ \(\d of 3\)$/gm)).toHaveLength(3);
    });

    it('answers weft diagnostics', async () => {
      const metrics = await weft(['diagnostics', 'proxy-metrics', '-n', NAMESPACE, 'deploy/orders']);
      expect(metrics.match(/^# POD orders-\S+ \(\d of 3\)$/gm)).toHaveLength(3);
      expect(metrics).toMatch(/^request_total\{.*direction="inbound".*\} [1-9]/m);

      const authority = `orders.${NAMESPACE}.svc.cluster.local:50051`;
      const pods = await shop.pods('orders');
      const known = JSON.parse(await weft(['diagnostics', 'endpoints', authority, '-o', 'json'])) as unknown;
      expect(JSON.stringify(known)).toContain('orders');
      for (const { status } of pods) expect(JSON.stringify(known)).toContain(status.podIP);

      const inbound = await weft([
        ...['diagnostics', 'policy', '-n', NAMESPACE, `po/${pods[0]!.metadata.name}`, '50051'],
      ]);
      expect(inbound).toMatch(/kind: server/);
      const outbound = await weft(['diagnostics', 'policy', '-n', NAMESPACE, 'svc/orders', '50051']);
      expect(outbound).toContain('name: orders');
    });

    it('tells its version, and how many proxies have which', async () => {
      const text = await weft(['version', '--proxy', '-n', NAMESPACE]);
      expect(text).toMatch(
        /^Client version: 0\.1\.0\nServer version: 0\.1\.0\nProxy versions:\n\t0\.1\.0 \(\d+ pods\)\n$/,
      );
    });

    it('is not removed while pods have proxies, by the names of these', async () => {
      const { status, stderr } = await tryWeft(['uninstall', '--apply']);
      expect([status, stderr]).toEqual([1, expect.stringContaining('the mesh is in use')]);
      expect(stderr).toMatch(/^ {2}pod install-shop\/web-/m);
    });

    it('goes by weft uninstall without a trace', async () => {
      await shop.delete();
      const begun = performance.now();
      // Others in this cluster may have proxies, too.
      await weft(['uninstall', '--apply', '--force']);
      console.log(`weft uninstall: gone after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      expect(await clusterObjects()).toEqual(nothing);
      expect((await tryWeft(['uninstall', '--apply'])).stderr).toMatch(
        /^There is nothing of a control plane/,
      );
    });
  });

  describe('by helm, as the README of the charts says', () => {
    it('is ready, and passes weft check but for the short lives of its certificates', async () => {
      await installByHelm();
      const deployments = ['identity', 'destination', 'proxy-injector'].map(
        (name) => `deploy/linkerd-${name}`,
      );
      await kubectl(['rollout', 'status', '-n', 'linkerd', '--timeout=60s', ...deployments]);
      const report = await weftCheck('-n', 'linkerd');
      expect([report.status, report.success]).toEqual([0, true]);
      expect(descriptionsOf(report.problems)).toEqual([
        NO_GATEWAY_API,
        'trust anchors are valid for at least 60 days',
        'issuer cert is valid for at least 60 days',
      ]);
    });

    it('is left to helm by weft upgrade and weft uninstall', async () => {
      const upgrade = await tryWeft(['upgrade', '--apply']);
      expect([upgrade.status, upgrade.stderr]).toEqual([1, expect.stringContaining('use helm upgrade')]);
      const meshed = await tryWeft(['uninstall', '--apply']);
      expect([meshed.status, meshed.stderr]).toEqual([1, expect.stringMatching(/use helm uninstall|in use/)]);
    });

    it('goes by helm uninstall without a trace', async () => {
      await uninstallByHelm();
      expect(await clusterObjects()).toEqual(nothing);
    });
  });

  describe('that Ctrl-C has ended early', () => {
    it('says what it leaves', async () => {
      const args = ['install', '--apply', '--trust-anchor-key-file', join(folder, 'early.key')];
      const { status, stdout, stderr } = await interruptWeft(args, /linkerd-destination: 0 of 1 ready/);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        /\nweft: interrupted: what was applied stays in the cluster.*weft upgrade --apply does the rest/,
      );
    });

    it('is completed by weft upgrade', async () => {
      expect((await tryWeft(['install', '--apply'])).stderr).toMatch(/use weft upgrade to change it/);
      await weft(['upgrade', '--apply']);
      const report = await weftCheck('-n', 'linkerd');
      expect(descriptionsOf(report.problems)).toEqual([NO_GATEWAY_API]);
    });

    it('goes without a trace', async () => {
      await weft(['uninstall', '--apply', '--force']);
      expect(await clusterObjects()).toEqual(nothing);
    });
  });

  describe('that is highly available, on one node', () => {
    it('says why it does not get ready, and exits with 1', async () => {
      const key = join(folder, 'another.key');
      const { status, stdout, stderr } = await tryWeft([
        ...['install', '--ha', '--apply', '--wait', '5s', '--trust-anchor-key-file', key],
      ]);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        /\nweft: the control plane is not ready after 5 s: .*linkerd-identity: [01] of 3 ready.*didn't match pod anti-affinity rules/,
      );
    });

    it('is told by weft check to have fewer nodes than replicas', async () => {
      const { problems } = await weftCheck('-n', 'linkerd');
      expect(problems).toContainEqual(
        expect.objectContaining({
          description: 'a node for each replica of control plane pods',
          result: 'warning',
          error: expect.stringContaining('3 replicas of each service need 3 nodes, and 1 takes pods'),
          remedy: expect.stringContaining('enablePodAntiAffinity=false'),
        }),
      );
      expect(problems).toContainEqual(
        expect.objectContaining({
          description: 'no unschedulable pods',
          error: expect.stringContaining('anti-affinity'),
        }),
      );
    });

    it('goes without a trace', async () => {
      await weft(['uninstall', '--apply', '--force']);
      expect(await clusterObjects()).toEqual(nothing);
    });
  });
});

describe('what weft install renders', () => {
  const render = async (...args: readonly string[]) =>
    parseAllDocuments(await weft(['install', '--ignore-cluster', ...args])).map(
      (document) => document.toJS() as Manifest,
    );

  it.each([
    ['proxy.uidd=1', "at '/proxy': additional properties 'uidd' not allowed"],
    ['controllerReplicas=many', "at '/controllerReplicas': got string, want integer"],
    ['proxy.defaultInboundPolicy=anyone', "at '/proxy/defaultInboundPolicy': value must be one of"],
    ['proxies.logLevel=debug', "additional properties 'proxies' not allowed"],
  ])('is nothing but an error that names the key where a value is wrong: %s', async (value, problem) => {
    const { status, stdout, stderr } = await tryWeft(['install', '--ignore-cluster', '--set', value]);
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining(problem)]);
  });

  it('has three replicas of everything on nodes of their own with --ha', async () => {
    const objects = await render('--ha');
    const deployments = objects.filter(({ kind }) => kind === 'Deployment');
    expect(deployments.map(({ metadata, spec }) => [metadata.name, spec.replicas]).sort()).toEqual([
      ['linkerd-destination', 3],
      ['linkerd-identity', 3],
      ['linkerd-proxy-injector', 3],
    ]);
    for (const { spec } of deployments) {
      const [own] =
        spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
      expect(own.topologyKey).toBe('kubernetes.io/hostname');
    }
    const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget');
    expect(budgets.map(({ metadata, spec }) => [metadata.name, spec.maxUnavailable]).sort()).toEqual([
      ['linkerd-dst', 1],
      ['linkerd-identity', 1],
      ['linkerd-proxy-injector', 1],
    ]);
    const webhooks = objects.flatMap(({ webhooks = [] }) => webhooks as { failurePolicy: string }[]);
    expect(webhooks.map(({ failurePolicy }) => failurePolicy)).toEqual(['Fail', 'Fail', 'Fail']);
  });
});
