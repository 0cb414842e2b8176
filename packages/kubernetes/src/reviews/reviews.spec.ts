import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aRecordingLog } from '../api/log.builder.ts';
import { disconnect, json, ScriptedApiServer } from '../api/scripted-api-server.builder.ts';
import { requireAccess } from './require-access.ts';
import { reviewToken } from './token-review.ts';

const TOKENS = 'POST /apis/authentication.k8s.io/v1/tokenreviews';
const ACCESS = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const { signal } = new AbortController();
let server: ScriptedApiServer;

beforeEach(async () => {
  server = await ScriptedApiServer.start();
});
afterEach(() => server.close());

describe('a token review', () => {
  it('asks whose token it is, for which audiences', async () => {
    const user = { username: 'system:serviceaccount:shop:web' };
    server.on(TOKENS, json({ status: { authenticated: true, user, audiences: ['a'] } }, 201));
    await expect(reviewToken(server.client(), 'secret', ['a'], signal)).resolves.toEqual({
      authenticated: true,
      username: user.username,
      audiences: ['a'],
      error: '',
    });
    expect(server.requests[0]?.body).toMatchObject({ spec: { token: 'secret', audiences: ['a'] } });
    await reviewToken(server.client(), 'secret', [], signal);
    expect(server.requests[1]?.body).toMatchObject({ kind: 'TokenReview', spec: { token: 'secret' } });
    expect(server.requests[1]?.body).not.toHaveProperty('spec.audiences');
  });

  it('takes an answer without words for no', async () => {
    server.on(TOKENS, json({ status: {} }, 201));
    const review = await reviewToken(server.client(), 'secret', ['a'], signal);
    expect(review).toEqual({ authenticated: false, username: '', audiences: [], error: '' });
  });

  it('fails on an answer that makes no sense, without repeating the token', async () => {
    server.on(TOKENS, json({ spec: { token: 'secret' }, status: { authenticated: 'yes' } }));
    const error: unknown = await reviewToken(server.client(), 'secret', ['a'], signal).catch((e) => e);
    expect(error).toMatchObject({ code: 'malformed' });
    expect(inspect(error)).not.toContain('secret');
  });
});

describe('a permission without which a service is of no use', () => {
  const access = { verb: 'create', group: 'authentication.k8s.io', resource: 'tokenreviews' };
  const ask = (abort = signal) => {
    const { log, said } = aRecordingLog();
    return { said, asked: requireAccess(server.client(), access, { log, signal: abort }) };
  };

  it('is asked for', async () => {
    server.on(ACCESS, json({ status: { allowed: true } }, 201));
    await expect(ask().asked).resolves.toBeUndefined();
    expect(server.requests[0]?.body).toMatchObject({ spec: { resourceAttributes: access } });
  });

  it('is named when it is denied', async () => {
    server.on(ACCESS, json({ status: { allowed: false, reason: 'no role' } }, 201));
    await expect(ask().asked).rejects.toThrow(
      'may not create tokenreviews.authentication.k8s.io (no role): grant it',
    );
  });

  it('is asked for again while nobody answers, with one word about it', async () => {
    server.on(ACCESS, disconnect, disconnect, json({ status: { allowed: true } }));
    const { asked, said } = ask();
    await asked;
    expect(said).toHaveLength(1);
  });

  it('is not waited for any longer than the signal says', async () => {
    server.on(ACCESS, disconnect);
    const abort = new AbortController();
    const { asked } = ask(abort.signal);
    await server.untilSeen(ACCESS);
    abort.abort(new Error('shutting down'));
    await expect(asked).rejects.toThrow('shutting down');
  });
});
