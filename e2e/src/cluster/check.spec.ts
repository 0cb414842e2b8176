import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuthorityPem, createIssuer, createTrustAnchor } from '@weft/identity';
import type { Manifest } from '../harness/folder.ts';
import { type CheckReport, weftCheck } from './harness/check-report.ts';
import { installed } from './harness/installation.ts';
import { installedAnchor, installedIssuer } from './harness/issuer.ts';
import { get, kubectl } from './harness/kubectl.ts';
import { TestNamespace } from './harness/test-namespace.ts';

const DAY_MS = 86_400_000;
const ISSUER = 'linkerd-identity-issuer';
const WEBHOOKS = 'mutatingwebhookconfiguration/linkerd-proxy-injector-webhook-config';

const subjectOf = ({ certChainPem }: AuthorityPem) => new X509Certificate(certChainPem).subject;

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('weft check says what is wrong', () => {
  beforeAll(installed);

  const problemOf = ({ problems }: CheckReport, description: string) =>
    problems.find((one) => one.description === description);

  it('when certificates expire sooner than one allows', async () => {
    expect((await weftCheck('--fail-if-expires-within', '30d')).status).toBe(0);
    const issuer = subjectOf(await installedIssuer());
    const report = await weftCheck('--fail-if-expires-within', '400d');
    expect([report.status, report.success]).toEqual([1, false]);
    expect(problemOf(report, 'issuer cert is valid for at least 60 days')).toMatchObject({
      result: 'error',
      error: expect.stringMatching(new RegExp(`^"${issuer}" expires in 36\\d days, at \\d{4}-`)),
    });
    expect(problemOf(report, 'proxy-injector cert is valid for at least 60 days')?.result).toBe('error');
    // The anchor lives for ten years.
    expect(problemOf(report, 'trust anchors are valid for at least 60 days')).toBeUndefined();
  });

  describe('about the issuer', () => {
    const other = createTrustAnchor({
      name: 'another anchor',
      lifetimeMs: 100 * DAY_MS,
      now: Date.now() - 90 * DAY_MS,
    });
    const issuer = (lifetimeMs: number) =>
      createIssuer(other, { name: 'another issuer', lifetimeMs, now: Date.now() - 90 * DAY_MS });

    async function withIssuer({ certChainPem, keyPem }: AuthorityPem): Promise<CheckReport> {
      const { data } = await get('secret', ISSUER, '-n', 'linkerd');
      const put = (changed: unknown) =>
        kubectl(['patch', 'secret', ISSUER, '-n', 'linkerd', '-p', JSON.stringify({ data: changed })]);
      await put({ 'crt.pem': base64(certChainPem), 'key.pem': base64(keyPem) });
      try {
        return await weftCheck();
      } finally {
        await put(data);
      }
    }

    it('that has expired', async () => {
      const report = await withIssuer(issuer(30 * DAY_MS));
      expect(report.success).toBe(false);
      expect(problemOf(report, 'issuer cert is within its validity period')).toMatchObject({
        result: 'error',
        error: expect.stringMatching(/^"CN=another issuer" expired at \d{4}-\d\d-\d\dT/),
        remedy: expect.stringContaining('weft upgrade'),
      });
    });

    it('that none of the trust anchors has issued', async () => {
      const report = await withIssuer(issuer(95 * DAY_MS));
      expect(report.success).toBe(false);
      expect(problemOf(report, 'issuer cert is issued by the trust anchor')).toMatchObject({
        result: 'error',
        error: `"CN=another issuer" was issued by none of the trust anchors (${subjectOf(await installedAnchor())})`,
      });
    });

    it('whose key is not its own', async () => {
      const { certChainPem } = issuer(95 * DAY_MS);
      const report = await withIssuer({ certChainPem, keyPem: other.keyPem });
      expect(problemOf(report, 'certificate config is valid')?.error).toBe(
        `the private key in ${ISSUER} is not that of "CN=another issuer"`,
      );
    });
  });

  it('about a webhook that the API server does not trust', async () => {
    const { webhooks } = await get(WEBHOOKS);
    const put = (caBundle: string) => {
      const value = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: caBundle }];
      return kubectl(['patch', WEBHOOKS, '--type=json', '-p', JSON.stringify(value)]);
    };
    const stranger = createTrustAnchor({ name: 'a stranger', lifetimeMs: DAY_MS });
    await put(base64(stranger.certChainPem));
    try {
      const report = await weftCheck();
      expect(report.success).toBe(false);
      expect(problemOf(report, 'proxy-injector webhook has valid cert')?.error).toMatch(
        /^"CN=linkerd-proxy-injector\.linkerd\.svc" does not lead to the caBundle of linkerd-proxy-injector-webhook-config$/,
      );
    } finally {
      await put(webhooks[0].clientConfig.caBundle);
    }
    expect((await weftCheck()).success).toBe(true);
  });

  describe('about pods', () => {
    const name = 'check-injection';
    let namespace: TestNamespace;
    beforeAll(async () => {
      namespace = await TestNamespace.create(name, 'enabled');
    });
    afterAll(() => namespace?.delete());

    it('that ask for injection and have no proxy', async () => {
      const hooks = (state: string) =>
        kubectl(['label', 'ns', name, '--overwrite', `config.linkerd.io/admission-webhooks${state}`]);
      await hooks('=disabled');
      // It is placed on no node, so it costs nothing.
      await namespace.apply({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'missed' },
        spec: { nodeSelector: { none: 'such' }, containers: [{ name: 'app', image: 'none' }] },
      } as Manifest);
      await hooks('-');
      const report = await weftCheck();
      expect([report.status, problemOf(report, 'pods that ask for injection have a proxy')]).toEqual([
        0,
        expect.objectContaining({
          result: 'warning',
          error: expect.stringContaining(`${name}/missed`),
          remedy: expect.stringContaining('kubectl rollout restart'),
        }),
      ]);
    });
  });
});
