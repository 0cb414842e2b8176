import { afterEach, describe, expect, it } from '@jest/globals';
import { csrFor } from '../certificate/csr.builder.ts';
import { certifierOf } from '../certify/certifier.builder.ts';
import { anApiServer, type Review } from './api-server.builder.ts';
import { TokenReviewValidator } from './token-review-validator.ts';

const { signal } = new AbortController();
const audience = 'identity.l5d.io';
const web = { username: 'system:serviceaccount:shop:web' };
const wrongAudience = { error: '[invalid bearer token, token audiences ["other"] is invalid]' };
let close = async () => {};

afterEach(() => close());

async function aValidator(status: (review: Review) => object | undefined) {
  const server = await anApiServer(status);
  close = server.close;
  const validator = new TokenReviewValidator(server.api);
  const validate = (token: string) => validator.validate(Buffer.from(token), signal);
  return { validator, validate, reviews: server.reviews };
}

describe('a token reviewed by the API server', () => {
  it('speaks for its service account', async () => {
    const { validate, reviews } = await aValidator(() => ({
      authenticated: true,
      user: web,
      audiences: [audience],
    }));
    await expect(validate('a.b.c\n')).resolves.toEqual({
      kind: 'authenticated',
      account: { namespace: 'shop', name: 'web' },
    });
    expect(reviews).toEqual([{ token: 'a.b.c', audiences: [audience] }]);
  });

  it('is asked about every time, so that none outlives its revocation', async () => {
    let revoked = false;
    const { validate } = await aValidator(() => ({ authenticated: !revoked, user: web }));
    expect((await validate('a.b.c')).kind).toBe('authenticated');
    revoked = true;
    expect((await validate('a.b.c')).kind).toBe('unauthenticated');
  });

  it('may be the one for the API server itself, and is refused when it is for somebody else', async () => {
    const { validate, reviews } = await aValidator(({ token, audiences }) =>
      audiences === undefined && token === 'for-the-api' ? { authenticated: true, user: web } : wrongAudience,
    );
    expect((await validate('for-the-api')).kind).toBe('authenticated');
    expect(reviews).toHaveLength(2);
    await expect(validate('for-another')).resolves.toEqual({ kind: 'invalid', reason: wrongAudience.error });
    expect(reviews).toHaveLength(4);
  });

  it('is refused when the server granted another audience than the one asked for', async () => {
    const { validate } = await aValidator(() => ({ authenticated: true, user: web, audiences: ['other'] }));
    expect((await validate('a.b.c')).kind).toBe('unauthenticated');
  });

  it('is invalid for any other error, without a second question', async () => {
    const { validate, reviews } = await aValidator(() => ({ error: 'the token is malformed' }));
    await expect(validate('a.b.c')).resolves.toEqual({ kind: 'invalid', reason: 'the token is malformed' });
    expect(reviews).toHaveLength(1);
  });

  it.each([
    'system:node:worker',
    'admin',
    'system:serviceaccount:shop:web.api',
    'system:serviceaccount:shop:web:more',
    'system:serviceaccount::web',
  ])('is invalid for the user %s', async (username) => {
    const { validate } = await aValidator(() => ({ authenticated: true, user: { username } }));
    expect((await validate('a.b.c')).kind).toBe('invalid');
  });

  it.each([
    ['nothing but blanks', '  \n'],
    ['a line break inside', 'a\r\nb'],
    ['what is no text', '\u0000\u00ff'],
    ['far too many characters', 'x'.repeat(17_000)],
  ])('is not sent on when it is %s', async (_what, token) => {
    const { validate, reviews } = await aValidator(() => ({ authenticated: true, user: web }));
    expect((await validate(token)).kind).toBe('invalid');
    expect(reviews).toEqual([]);
  });

  it('cannot be judged while the server fails', async () => {
    const { validate } = await aValidator(() => undefined);
    await expect(validate('a.b.c')).rejects.toMatchObject({ code: 'server_error' });
  });
});

describe('what a client hears', () => {
  const identity = 'web.shop.serviceaccount.identity.linkerd.cluster.local';
  const other = 'admin.shop.serviceaccount.identity.linkerd.cluster.local';
  const certify = async (status: () => object | undefined, name = identity) => {
    const { certifier, events } = certifierOf({ tokens: (await aValidator(status)).validator });
    const request = { identity: name, token: Buffer.from('very.secret.token'), csr: csrFor(name) };
    const result = await certifier.certify(request, signal).catch((error: unknown) => error);
    expect(JSON.stringify(events)).not.toContain('very.secret.token');
    return result;
  };

  it.each([
    [
      'an unauthenticated token',
      {},
      'failed_precondition',
      /^authentication token could not be authenticated$/,
    ],
    ['an invalid one', { error: 'forged' }, 'invalid_argument', /is invalid: forged/],
    ['a failing API server', undefined, 'internal', /^error validating token for web\.shop\./],
  ] as const)('of %s', async (_what, status, code, message) => {
    const refusal = await certify(() => status);
    expect(refusal).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('of a token that speaks for somebody else', async () => {
    await expect(certify(() => ({ authenticated: true, user: web }), other)).resolves.toMatchObject({
      code: 'failed_precondition',
      message: `requested identity did not match provided token: requested=${other}; found=${identity}`,
    });
  });
});
