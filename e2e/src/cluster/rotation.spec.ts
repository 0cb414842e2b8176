import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuthorityPem, createIssuer, createTrustAnchor } from '@weft/identity';
import { sumOf } from '../harness/metrics.ts';
import { waitFor } from '../harness/wait-for.ts';
import { upgradeTo } from './harness/changed-values.ts';
import { ClusterLoad } from './harness/cluster-load.ts';
import { serviceLog, serviceMetrics, servingPods } from './harness/control-plane.ts';
import { happened } from './harness/events.ts';
import { installed } from './harness/installation.ts';
import { installedAnchor, installedIssuer, replaceIssuer } from './harness/issuer.ts';
import { openShopIn } from './harness/shop.ts';
import type { Pod, TestNamespace } from './harness/test-namespace.ts';
import { Visitor } from './harness/visitor.ts';
import { weft } from './harness/weft.ts';

const NAMESPACE = 'rotation-shop';
const MESHED = ['web', 'orders', 'mail', 'ticker', 'traffic'];

/** Leaves of one minute exactly: without what they are given for the clocks of others. */
const SHORT_LIVED = { 'identity.issuer.issuanceLifetime': '60s', 'identity.issuer.clockSkewAllowance': '0s' };
const RENEWED_AFTER_MS = 0.7 * 60_000;

/** Longer than a proxy remembers a destination that nobody asks for: its connections are new each time. */
const VISIT_EVERY_MS = 7000;

const HOUR_MS = 3_600_000;

/** Who has just issued what. */
function nameOf(what: string): string {
  return `${what}-${Date.now()}.linkerd.cluster.local`;
}

function commonNameOf({ certChainPem }: AuthorityPem): string {
  return /^CN=(.*)$/m.exec(new X509Certificate(certChainPem).subject)![1]!;
}

describe('certificates that change while the shop is busy', () => {
  let anchor: AuthorityPem;
  let original: AuthorityPem;
  let putBack: () => Promise<void>;
  let shop: TestNamespace;
  let load: ClusterLoad;
  let visitor: Visitor;
  let begun: number;
  let identity: Pod;
  let renewalsAtFirst: number;

  beforeAll(async () => {
    await installed();
    anchor = await installedAnchor();
    original = await installedIssuer();
    putBack = await upgradeTo(SHORT_LIVED);
    [identity] = (await servingPods('identity')) as [Pod];
    shop = await openShopIn(NAMESPACE, {}, []);
    visitor = await Visitor.start(shop, 'visitor', VISIT_EVERY_MS, 'http://web/');
    load = await ClusterLoad.begin(shop);
    begun = Date.now();
    renewalsAtFirst = await fewestRenewals();
  });
  afterAll(async () => {
    // The issuer is among the values that come back.
    await Promise.all([putBack?.(), shop?.delete()]);
  });

  async function reloads(result: 'updated' | 'refused'): Promise<number> {
    return sumOf(await serviceMetrics('identity', identity), 'identity_issuer_reloads_total', { result });
  }

  async function issued(): Promise<number> {
    return sumOf(await serviceMetrics('identity', identity), 'identity_certificates_issued_total');
  }

  /** How often the proxy that lags behind most has renewed its certificate. */
  async function fewestRenewals(): Promise<number> {
    const pods = (await Promise.all(MESHED.map((workload) => shop.pods(workload)))).flat();
    const counts = pods.map(async ({ metadata }) => {
      const page = await shop.metrics(metadata.name, metadata.labels.app!);
      return sumOf(page, 'control_identity_cert_refreshes_total', { result: 'ok' });
    });
    return Math.min(...(await Promise.all(counts)));
  }

  /** The names of those who issued the certificates that the shop's proxies hold now. */
  async function issuersSeen(): Promise<readonly string[]> {
    const text = await weft(['identity', '-n', NAMESPACE, '-l', `app in (${MESHED.join()})`]);
    return [...new Set([...text.matchAll(/Issuer: CN=(.*)/g)].map(([, name]) => name!))];
  }

  async function failures(): Promise<readonly unknown[]> {
    const { failed, errors } = await load.soFar();
    return [...(failed === 0 ? [] : [failed, ...errors]), ...(await visitor.failures(begun))];
  }

  it.each([
    [
      'that has expired',
      () =>
        createIssuer(anchor, { name: nameOf('expired'), now: Date.now() - 2 * HOUR_MS, lifetimeMs: HOUR_MS }),
      /the chain of \\?"CN=expired-.*expired at/,
    ],
    [
      'that another anchor has signed',
      () => {
        const foreign = createTrustAnchor({ name: 'root.elsewhere', lifetimeMs: HOUR_MS });
        return createIssuer(foreign, { name: nameOf('foreign'), lifetimeMs: HOUR_MS });
      },
      /"CN=root.elsewhere\\?", who issued \\?"CN=foreign-.*is neither an intermediate nor a trust anchor/,
    ],
  ])('an issuer %s is refused, and the old one stays in force: 0 failed requests', async (_, issuer, why) => {
    const since = new Date();
    const refused = await reloads('refused');
    await replaceIssuer(issuer());
    await waitFor('the refusal is counted', 30_000, async () => (await reloads('refused')) === refused + 1);
    const log = await serviceLog(identity, since);
    expect(log).toMatch(new RegExp(`new issuer refused; the old one stays in force .*${why.source}`));
    const event = await happened('linkerd', 'IssuerUpdateSkipped', why, since);
    expect(event).toMatchObject({
      type: 'Warning',
      involvedObject: { kind: 'Deployment', name: 'linkerd-identity' },
    });

    const before = await issued();
    await waitFor('certificates are issued as before', 60_000, async () => (await issued()) > before);
    expect(await issuersSeen()).toEqual([commonNameOf(original)]);
    await replaceIssuer(original);
    expect(await failures()).toEqual([]);
  });

  it('an issuer replaced in its Secret takes over without a restart, and new leaves are its own: 0 failed requests', async () => {
    const since = new Date();
    const updated = await reloads('updated');
    const name = nameOf('identity');
    const replacement = createIssuer(anchor, { name, lifetimeMs: HOUR_MS });
    await replaceIssuer(replacement);
    await waitFor(
      'the new issuer is in force',
      30_000,
      async () => (await reloads('updated')) === updated + 1,
    );
    await happened('linkerd', 'IssuerUpdated', new RegExp(name), since);

    await waitFor('every proxy holds a certificate of the new issuer', 1.5 * RENEWED_AFTER_MS, async () =>
      (await issuersSeen()).every((seen) => seen === name),
    );
    const [now] = await servingPods('identity');
    expect(now!.metadata.name).toBe(identity.metadata.name);
    expect(now!.status.containerStatuses).toMatchObject([{ restartCount: 0 }]);
    const upgraded = await weft(['upgrade', '-o', 'yaml']);
    expect(upgraded).toContain(Buffer.from(replacement.certChainPem.trim()).toString('base64'));
    expect(await failures()).toEqual([]);
  });

  it('leaves of 60 s under constant load: three renewals of every proxy, 0 failed requests', async () => {
    await waitFor(
      'three renewals of every proxy',
      3 * RENEWED_AFTER_MS + 20_000,
      async () => (await fewestRenewals()) >= renewalsAtFirst + 3,
    );
    const { sent } = await load.soFar();
    const visits = await visitor.visits(begun);
    console.log(
      `${sent} requests and ${visits.length} visits in ${Math.round((Date.now() - begun) / 1000)} s`,
    );
    expect(await failures()).toEqual([]);
    expect(sent).toBeGreaterThan(1000);
    expect(visits.length).toBeGreaterThan(10);
  });
});
