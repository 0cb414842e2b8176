import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuthorityPem, createIssuer, createTrustAnchor } from '@weft/identity';
import type { Manifest } from '../harness/folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { descriptionsOf, NO_GATEWAY_API, weftCheck } from './harness/check-report.ts';
import { clusterUp } from './harness/cluster.ts';
import { servingPods } from './harness/control-plane.ts';
import { happened } from './harness/events.ts';
import { uninstall } from './harness/installation.ts';
import { haveIssuerRead } from './harness/issuer.ts';
import { apply, kubectl } from './harness/kubectl.ts';
import { aDeployment, IDLE } from './harness/manifests.ts';
import { rememberInstallation } from './harness/put-back.ts';
import { TestNamespace } from './harness/test-namespace.ts';
import { weft } from './harness/weft.ts';

const DAY_MS = 86_400_000;
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What cert-manager keeps in the Secret of a `Certificate`. */
function secretOf(issuer: AuthorityPem, anchor: AuthorityPem): Manifest {
  const data = {
    'tls.crt': base64(issuer.certChainPem),
    'tls.key': base64(issuer.keyPem),
    'ca.crt': base64(anchor.certChainPem),
  };
  const metadata = { name: 'linkerd-identity-issuer', namespace: 'linkerd' };
  return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, data } as Manifest;
}

/** What trust-manager writes for a `Bundle`. */
function bundleOf(anchor: AuthorityPem): Manifest {
  const metadata = { name: 'linkerd-identity-trust-roots', namespace: 'linkerd' };
  const data = { 'ca-bundle.crt': anchor.certChainPem };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } as Manifest;
}

describe('an issuer and an anchor in the hands of cert-manager and trust-manager', () => {
  const anchor = createTrustAnchor({ name: 'root of somebody else', lifetimeMs: 3650 * DAY_MS });
  const issuerCalled = (name: string) => createIssuer(anchor, { name, lifetimeMs: 365 * DAY_MS });
  let namespace: TestNamespace;
  let putBack: () => Promise<unknown>;

  beforeAll(async () => {
    process.env.KUBECONFIG = await clusterUp();
    putBack = await rememberInstallation();
    await uninstall();
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'linkerd' } } as Manifest);
    await apply(bundleOf(anchor), secretOf(issuerCalled('first.linkerd.cluster.local'), anchor));
    await weft(['install', '--apply', '--identity-external-issuer', '--identity-external-ca']);
    namespace = await TestNamespace.create('external-certificates', 'enabled');
    await namespace.apply(aDeployment('meshed', IDLE));
    await namespace.ready();
  });
  afterAll(async () => {
    await namespace?.delete();
    await putBack?.();
  });

  /** Who issued the certificate of the meshed pod. */
  async function issuerSeen(): Promise<string | undefined> {
    const text = await weft(['identity', '-n', namespace.name, '-l', 'app=meshed']);
    return /Issuer: CN=(.*)/.exec(text)?.[1];
  }

  it('are what certificates come from, and pass weft check', async () => {
    expect(await issuerSeen()).toBe('first.linkerd.cluster.local');
    const report = await weftCheck('--proxy', '-n', namespace.name, '--wait', '60s');
    expect([report.status, report.success]).toEqual([0, true]);
    expect(descriptionsOf(report.problems)).toEqual([NO_GATEWAY_API]);
  });

  it('that have been renewed are taken over without a restart', async () => {
    const since = new Date();
    const [identity] = await servingPods('identity');
    await apply(secretOf(issuerCalled('second.linkerd.cluster.local'), anchor));
    await haveIssuerRead();
    await happened('linkerd', 'IssuerUpdated', /second\.linkerd\.cluster\.local/, since, 30_000);
    await namespace.kubectl(['rollout', 'restart', 'deploy/meshed']);
    await waitFor('a pod with a certificate of the new issuer', 60_000, async () => {
      return (await issuerSeen()) === 'second.linkerd.cluster.local';
    });
    expect((await servingPods('identity')).map(({ metadata }) => metadata.name)).toEqual([
      identity!.metadata.name,
    ]);
  });

  it('are left alone by weft upgrade', async () => {
    await weft(['upgrade', '--apply', '--set', 'proxy.logLevel=warn']);
    const type = await kubectl([
      'get',
      'secret',
      '-n',
      'linkerd',
      'linkerd-identity-issuer',
      '-o',
      'jsonpath={.type}',
    ]);
    expect(type).toBe('kubernetes.io/tls');
    const report = await weftCheck('-n', 'linkerd', '--wait', '60s');
    expect(descriptionsOf(report.problems)).toEqual([NO_GATEWAY_API]);
  });
});
