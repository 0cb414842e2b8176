import { describe, expect, it } from '@jest/globals';
import { createTokenKeys, LocalTokenIssuer, type TokenOptions } from './local-token-issuer.ts';
import { LocalTokenValidator } from './local-token-validator.ts';

const now = Date.UTC(2026, 0, 1);
const keys = createTokenKeys();
const others = createTokenKeys();
const issuer = new LocalTokenIssuer(keys.privateKeyPem);

function mint(options: Partial<TokenOptions> = {}): string {
  return issuer.mint({ namespace: 'shop', name: 'web', lifetimeMs: 60_000, now, ...options });
}

function validate(token: string, at = now, publicKeysPem = keys.publicKeyPem) {
  const validator = new LocalTokenValidator({ publicKeysPem, clockSkewMs: 10_000, now: () => at });
  return validator.validate(Buffer.from(token));
}

/** The token with parts of its claims or header replaced, signed by nobody. */
function forged(token: string, part: 0 | 1, change: object): string {
  const parts = token.split('.');
  const value = JSON.parse(Buffer.from(parts[part]!, 'base64url').toString());
  parts[part] = Buffer.from(JSON.stringify({ ...value, ...change })).toString('base64url');
  return parts.join('.');
}

describe('a service-account token', () => {
  it('speaks for its account', async () => {
    expect(await validate(mint())).toEqual({
      kind: 'authenticated',
      account: { namespace: 'shop', name: 'web' },
    });
  });

  it('may end with a line break, as files do', async () => {
    expect(await validate(`${mint()}\n`)).toMatchObject({ kind: 'authenticated' });
  });

  it('may be signed by any of several issuers', async () => {
    const both = others.publicKeyPem + keys.publicKeyPem;
    expect(await validate(mint(), now, both)).toMatchObject({ kind: 'authenticated' });
  });

  it.each([
    ['signed by an unknown key', () => validate(mint(), now, others.publicKeyPem), 'unknown key'],
    ['of another audience', () => validate(mint({ audience: 'api' })), 'audience'],
    ['that has expired', () => validate(mint(), now + 70_000), 'expired'],
    ['that is not valid yet', () => validate(mint(), now - 11_000), 'not valid yet'],
    [
      'with other claims',
      () => validate(forged(mint(), 1, { sub: 'system:serviceaccount:shop:admin' })),
      'signature',
    ],
    ['without its signature', () => validate(mint().replace(/[^.]*$/, '')), 'signature'],
  ])('%s proves nothing', async (_case, verdict, reason) => {
    expect(await verdict()).toMatchObject({
      kind: 'unauthenticated',
      reason: expect.stringContaining(reason),
    });
  });

  it.each([
    ['a moment before it ends', now + 69_999],
    ['a moment after it begins', now - 9_999],
  ])('is taken within the clock skew: %s', async (_case, at) => {
    expect(await validate(mint(), at)).toMatchObject({ kind: 'authenticated' });
  });

  it.each([
    ['text', 'no token'],
    ['nothing', ''],
    ['an unsigned token', forged(mint(), 0, { alg: 'none' })],
    ['a token of another algorithm', forged(mint(), 0, { alg: 'HS256' })],
    ['four parts', `${mint()}.x`],
    ['too much', 'x'.repeat(20_000)],
  ])('is not %s', async (_case, token) => {
    expect(await validate(token)).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    ['SHOP', 'web'],
    ['shop', 'web.admin'],
    ['shop:x', 'web'],
    ['', 'web'],
  ])('has no account whose names are no labels: %j %j', async (namespace, name) => {
    expect(await validate(mint({ namespace, name }))).toMatchObject({ kind: 'invalid' });
  });
});

describe('a validator', () => {
  it('does not start without a key', () => {
    expect(() => new LocalTokenValidator({ publicKeysPem: 'none', clockSkewMs: 0 })).toThrow('no public key');
  });
});
