import { describe, expect, it } from '@jest/globals';
import type { CheckContext } from '../engine/check.ts';
import { contextOf, outcomeOf } from '../state.builder.ts';
import { identity } from './identity-checks.ts';
import { anchorFor, DAY_MS, injectorWebhook, installationOf, issuerFor } from './material.builder.ts';
import { webhookCertificates } from './webhook-checks.ts';

const anchor = anchorFor(3000);
const issuer = issuerFor(anchor, 200);
const passed = { kind: 'passed' };

async function look(description: string, context: CheckContext) {
  const check = [...identity.checks, ...webhookCertificates.checks].find(
    (one) => one.description === description,
  );
  return outcomeOf(check!, context);
}

describe('checks of the identity', () => {
  it('passes every one of them for what an installation makes, in both schemes', async () => {
    for (const scheme of ['linkerd.io/tls', 'kubernetes.io/tls']) {
      const context = contextOf(installationOf(anchor.certChainPem, issuer, scheme));
      for (const check of identity.checks) expect(await outcomeOf(check, context)).toEqual(passed);
    }
    expect.assertions(2 * identity.checks.length);
  });

  it.each([
    [
      'no issuer',
      { ...installationOf(anchor.certChainPem, issuer), objects: {} },
      /linkerd-identity-issuer is missing/,
    ],
    ['no anchors', installationOf('', issuer), /the trust anchors: there is no certificate/],
    [
      'a key of somebody else',
      installationOf(anchor.certChainPem, { ...issuer, keyPem: anchor.keyPem }),
      /the private key in linkerd-identity-issuer is not that of "CN=identity\.linkerd\.cluster\.local"/,
    ],
    ['no key', installationOf(anchor.certChainPem, { ...issuer, keyPem: '' }), /has no key\.pem/],
    ['a broken key', installationOf(anchor.certChainPem, { ...issuer, keyPem: 'x' }), /cannot be read/],
    [
      'an unknown scheme',
      {
        ...installationOf(anchor.certChainPem, issuer),
        values: { identity: { issuer: { scheme: 'vault' } } },
      },
      /identity\.issuer\.scheme is "vault"/,
    ],
  ])('says what is wrong about %s', async (_, state, problem) => {
    const outcome = await look('certificate config is valid', contextOf(state));
    expect(outcome).toEqual({ kind: 'failed', problem: expect.stringMatching(problem) });
  });

  it('wants algorithms that every proxy can verify', async () => {
    const odd = anchorFor(3000, 'p384');
    const context = contextOf(installationOf(odd.certChainPem, issuerFor(odd, 200, 'rsa')));
    expect(await look('trust anchors are using supported crypto algorithm', context)).toMatchObject({
      problem:
        '"CN=root.linkerd.cluster.local": key is ECDSA secp384r1; it must be ECDSA P-256 or RSA 2048 or RSA 4096',
    });
    expect(await look('issuer cert is using supported crypto algorithm', context)).toMatchObject({
      problem: expect.stringMatching(
        /key is RSA 2048; it must be ECDSA P-256\n.*signature is ecdsa-with-SHA\d+; it must be/,
      ),
    });
    const rsa = anchorFor(3000, 'rsa');
    const fine = contextOf(installationOf(rsa.certChainPem, issuerFor(rsa, 200)));
    expect(await look('issuer cert is using supported crypto algorithm', fine)).toEqual(passed);
  });

  it('tells an expired issuer from one that expires soon', async () => {
    const expired = contextOf(installationOf(anchor.certChainPem, issuerFor(anchor, -2)));
    expect(await look('issuer cert is within its validity period', expired)).toMatchObject({
      problem: expect.stringMatching(/"CN=identity\.linkerd\.cluster\.local" expired at 2025-12-30T/),
    });
    const soon = contextOf(installationOf(anchor.certChainPem, issuerFor(anchor, 20)));
    expect(await look('issuer cert is within its validity period', soon)).toEqual(passed);
    expect(await look('issuer cert is valid for at least 60 days', soon)).toEqual({
      kind: 'failed',
      severity: 'warning',
      problem: expect.stringMatching(/expires in 20 days, at 2026-01-21T/),
    });
  });

  it('fails where a certificate expires sooner than the user allows, and not before', async () => {
    const state = installationOf(anchor.certChainPem, issuerFor(anchor, 100));
    const within = (days: number) => contextOf(state, { failIfExpiresWithinMs: days * DAY_MS });
    expect(await look('issuer cert is valid for at least 60 days', within(30))).toEqual(passed);
    expect(await look('issuer cert is valid for at least 60 days', within(101))).toMatchObject({
      severity: 'error',
    });
    const soon = installationOf(anchorFor(40).certChainPem, issuer);
    expect(
      await look(
        'trust anchors are valid for at least 60 days',
        contextOf(soon, { failIfExpiresWithinMs: 30 * DAY_MS }),
      ),
    ).toMatchObject({ severity: 'warning' });
  });

  it('knows whether the issuer is one of the anchors’ own, also of several and over intermediates', async () => {
    const description = 'issuer cert is issued by the trust anchor';
    const other = anchorFor(3000, 'p256', 'other');
    const strange = contextOf(installationOf(other.certChainPem, issuer));
    expect(await look(description, strange)).toMatchObject({
      problem: '"CN=identity.linkerd.cluster.local" was issued by none of the trust anchors (CN=other)',
    });
    const bundle = contextOf(installationOf(other.certChainPem + anchor.certChainPem, issuer));
    expect(await look(description, bundle)).toEqual(passed);
    const below = contextOf(installationOf(anchor.certChainPem, issuerFor(issuer, 50)));
    expect(await look(description, below)).toEqual(passed);
    const imitation = anchorFor(3000);
    expect(await look(description, contextOf(installationOf(imitation.certChainPem, issuer)))).toMatchObject({
      kind: 'failed',
    });
  });
});

describe('checks of the webhooks', () => {
  const valid = 'proxy-injector webhook has valid cert';
  const long = 'proxy-injector cert is valid for at least 60 days';
  const serving = anchorFor(300, 'rsa', 'linkerd-proxy-injector.linkerd.svc').certChainPem;

  it('passes a certificate that the API server will take', async () => {
    const context = contextOf(injectorWebhook({ secretPem: serving, caBundle: serving }));
    expect(await look(valid, context)).toEqual(passed);
    expect(await look(long, context)).toEqual(passed);
  });

  it('fails one that the caBundle does not know, one for another name and one that expired', async () => {
    const unknown = contextOf(injectorWebhook({ secretPem: serving, caBundle: anchor.certChainPem }));
    expect(await look(valid, unknown)).toMatchObject({
      problem: expect.stringMatching(
        /does not lead to the caBundle of linkerd-proxy-injector-webhook-config/,
      ),
    });
    const otherName = anchor.certChainPem;
    expect(
      await look(valid, contextOf(injectorWebhook({ secretPem: otherName, caBundle: otherName }))),
    ).toMatchObject({
      problem: expect.stringMatching(/is not for linkerd-proxy-injector\.linkerd\.svc but for DNS:root/),
    });
    const old = anchorFor(-1, 'p256', 'linkerd-proxy-injector.linkerd.svc').certChainPem;
    expect(await look(valid, contextOf(injectorWebhook({ secretPem: old, caBundle: old })))).toMatchObject({
      problem: expect.stringMatching(/expired at/),
    });
  });

  it('says that nothing is trusted while the caBundle is empty', async () => {
    const context = contextOf(injectorWebhook({ secretPem: serving, caBundle: '' }));
    expect(await look(valid, context)).toMatchObject({ problem: expect.stringMatching(/has no caBundle/) });
  });

  it('says which half is missing, and skips what is not installed at all', async () => {
    const { lists, objects } = injectorWebhook({ secretPem: serving, caBundle: serving });
    expect(await look(valid, contextOf({ lists: lists! }))).toMatchObject({
      problem: expect.stringMatching(/Secret linkerd-proxy-injector-k8s-tls is missing/),
    });
    expect(await look(valid, contextOf({ objects: objects! }))).toMatchObject({
      problem: 'linkerd-proxy-injector-webhook-config is missing',
    });
    expect(await look(valid, contextOf())).toEqual({ kind: 'skipped' });
  });
});
