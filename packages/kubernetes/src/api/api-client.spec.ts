import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiError } from './api-error.ts';
import { disconnect, json, refusal, ScriptedApiServer, silence } from './scripted-api-server.builder.ts';

const { signal } = new AbortController();
let server: ScriptedApiServer;

beforeEach(async () => {
  server = await ScriptedApiServer.start();
});
afterEach(() => server.close());

const failure = async (promise: Promise<unknown>): Promise<ApiError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`expected an ApiError, not ${error}`);
};

describe('the client of an API server', () => {
  it('sends who asks, the query and the body, and returns the JSON of the answer', async () => {
    server.on('POST /apis/x/v1/reviews', json({ status: 'good' }));
    const answer = await server.client().call({
      method: 'POST',
      path: '/apis/x/v1/reviews',
      query: { dryRun: 'All', absent: undefined },
      body: { spec: 'é' },
      signal,
    });
    expect(answer).toEqual({ status: 'good' });
    const [request] = server.requests;
    expect(request).toMatchObject({ query: { dryRun: 'All' }, body: { spec: 'é' } });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer first',
      'user-agent': 'weft-test',
      'content-type': 'application/json',
    });
  });

  it.each([
    [400, 'BadRequest', 'rejected'],
    [403, 'Forbidden', 'forbidden'],
    [404, 'NotFound', 'not_found'],
    [409, 'Conflict', 'conflict'],
    [410, 'Expired', 'expired'],
    [422, 'Invalid', 'rejected'],
    [429, 'TooManyRequests', 'overloaded'],
    [500, 'InternalError', 'server_error'],
  ] as const)('turns %d %s into %s, with what the server said', async (status, reason, code) => {
    server.on('GET /api/v1/pods', refusal(status, reason, 'because'));
    const error = await failure(server.client().call({ path: '/api/v1/pods', signal }));
    expect(error).toMatchObject({ code, data: { status, reason } });
    expect(error.message).toBe(`GET /api/v1/pods: ${status} because`);
  });

  it('knows how long the server asks to wait', async () => {
    server.on('GET /x', refusal(429, 'TooManyRequests', '', { 'retry-after': '7' }));
    const error = await failure(server.client().call({ path: '/x', signal }));
    expect(error.data.retryAfterMs).toBe(7000);
  });

  it('survives a refusal that is a page of HTML', async () => {
    server.on('GET /x', (response) => void response.writeHead(502).end('<h1>Bad gateway</h1>'));
    const error = await failure(server.client().call({ path: '/x', signal }));
    expect(error).toMatchObject({ code: 'server_error', data: { status: 502 } });
    expect(error.message).toContain('Bad gateway');
  });

  it('asks for credentials again when they are refused, once', async () => {
    server.on('GET /x', refusal(401, 'Unauthorized'), json({ ok: true }));
    await expect(server.client().call({ path: '/x', signal })).resolves.toEqual({ ok: true });
    expect(server.connection.refreshed).toBe(1);
    server.on('GET /x', refusal(401, 'Unauthorized'));
    expect((await failure(server.client().call({ path: '/x', signal }))).code).toBe('unauthorized');
    expect(server.requests).toHaveLength(4);
  });

  it('gives up on a server that is silent, and on one that hangs up', async () => {
    server.on('GET /silent', silence).on('GET /gone', disconnect);
    const silent = server.client().call({ path: '/silent', silenceMs: 30, signal });
    expect((await failure(silent)).code).toBe('timeout');
    expect((await failure(server.client().call({ path: '/gone', signal }))).code).toBe('unreachable');
  });

  it('gives up on an answer that stops in the middle, in silence or at once', async () => {
    const half = '{"items":[';
    const head = { 'content-type': 'application/json', 'content-length': '100' };
    server.on('GET /silent', (response) => void response.writeHead(200, head).write(half));
    server.on('GET /gone', (response) =>
      response.writeHead(200, head).write(half, () => response.socket?.destroy()),
    );
    const silent = server.client().call({ path: '/silent', silenceMs: 30, signal });
    expect((await failure(silent)).code).toBe('timeout');
    expect((await failure(server.client().call({ path: '/gone', signal }))).code).toBe('unreachable');
  });

  it('refuses an answer that is too long or no JSON', async () => {
    server.on('GET /long', json({ text: 'x'.repeat(2000) }));
    server.on('GET /words', (response) => void response.writeHead(200).end('words'));
    const client = server.client({ maxAnswerBytes: 1000 });
    expect((await failure(client.call({ path: '/long', signal }))).message).toContain('more than 1000 bytes');
    expect((await failure(client.call({ path: '/words', signal }))).code).toBe('malformed');
  });

  it('names a server that is not there', async () => {
    const { connection } = server;
    const gone = {
      ...connection,
      server: new URL('http://127.0.0.1:1'),
      credentials: connection.credentials,
    };
    const error = await failure(server.client({ connection: gone }).call({ path: '/x', signal }));
    expect(error.code).toBe('unreachable');
    expect(error.message).toMatch(/127\.0\.0\.1.*ECONNREFUSED/);
  });

  it('ends with the signal, and with its reason', async () => {
    server.on('GET /x', silence);
    const abort = new AbortController();
    const call = server.client().call({ path: '/x', signal: abort.signal });
    await server.untilSeen('GET /x');
    abort.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  it('sends a GET again when a kept connection turns out to be closed, and nothing that would be done twice', async () => {
    const client = server.client();
    const use = async () => {
      server.on('GET /x', json({}));
      await client.call({ path: '/x', signal });
    };
    await use();
    server.on('GET /x', disconnect, json({ again: true }));
    await expect(client.call({ path: '/x', signal })).resolves.toEqual({ again: true });
    await use();
    server.on('POST /y', disconnect, json({}));
    const post = client.call({ method: 'POST', path: '/y', body: {}, signal });
    expect((await failure(post)).code).toBe('unreachable');
    await use();
    server.on('POST /z', disconnect, json({}));
    const repeatable = client.call({ method: 'POST', path: '/z', body: {}, repeatable: true, signal });
    await expect(repeatable).resolves.toEqual({});
  });

  it('lets a bounded number of requests through and wait, and refuses the others', async () => {
    const held: (() => void)[] = [];
    server.on('GET /x', (response, request) => void held.push(() => json({})(response, request)));
    const client = server.client({ maxInFlight: 2, maxWaiting: 1 });
    const calls = [1, 2, 3].map(() => client.call({ path: '/x', signal }));
    await server.untilSeen('GET /x', 2);
    expect(client.load).toEqual({ inFlight: 2, waiting: 1 });
    expect((await failure(client.call({ path: '/x', signal }))).code).toBe('overloaded');
    held.shift()?.();
    await server.untilSeen('GET /x', 3);
    for (const release of held) release();
    await Promise.all(calls);
    expect(client.load).toEqual({ inFlight: 0, waiting: 0 });
  });

  it('tells how every request ended', async () => {
    const told: string[] = [];
    const observer = {
      requested: (method: string, outcome: string) => void told.push(`${method} ${outcome}`),
    };
    server.on('GET /good', json({})).on('GET /bad', refusal(403, 'Forbidden')).on('GET /gone', disconnect);
    const client = server.client({ observer });
    for (const path of ['/good', '/bad', '/gone']) await client.call({ path, signal }).catch(() => {});
    expect(told).toEqual(['GET 200', 'GET 403', 'GET unreachable']);
  });
});
