import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createRegistry, Readiness, Shutdown, silentLogger } from '@weft/service';
import { AdmissionMetrics } from '../metrics.ts';
import type { AdmissionRequest, Admit } from '../review/review.ts';
import { aKeyPair, aReview, asSecret, type CallOptions, call, MountedSecret } from '../testing.ts';
import type { WebhookLimits } from './limits.ts';
import { openWebhook } from './open-webhook.ts';
import { WebhookServer } from './webhook-server.ts';

const pair = aKeyPair();
const servers: WebhookServer[] = [];
const cut = AbortSignal.abort();
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.drain(cut)));
});

async function webhook(admit: Admit = () => ({ kind: 'allowed' }), limits: Partial<WebhookLimits> = {}) {
  const registry = createRegistry();
  const metrics = new AdmissionMetrics(registry);
  const server = new WebhookServer({ name: 'test', admit, metrics, logger: silentLogger, limits });
  servers.push(server);
  server.useCertificate(pair);
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const ask = (options: Partial<CallOptions> = {}) => call({ port, ca: pair.cert, ...options });
  const counted = async (outcome: string) =>
    (await registry.getSingleMetricAsString('admission_webhook_requests_total')).includes(
      `{webhook="test",outcome="${outcome}"} 1`,
    );
  return { server, port, ask, counted };
}

/** Resolves when `look` is true. */
async function until(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('a webhook', () => {
  it('hands the request to its decision and answers with the patch', async () => {
    const seen: AdmissionRequest[] = [];
    const { ask, counted } = await webhook((request) => {
      seen.push(request);
      return { kind: 'allowed', patch: [{ op: 'add', path: '/x', value: 1 }], warnings: ['mind the gap'] };
    });
    const { status, json } = await ask();
    expect(status).toBe(200);
    expect(json.response).toMatchObject({ uid: 'u1', allowed: true, warnings: ['mind the gap'] });
    expect(seen[0]).toMatchObject({ namespace: 'shop', object: { metadata: { name: 'web-1' } } });
    expect(await counted('patched')).toBe(true);
  });

  it('denies what its decision fails on, with the message', async () => {
    const { ask, counted } = await webhook(() => Promise.reject(new Error('no such namespace')));
    const { status, json } = await ask();
    expect(status).toBe(200);
    expect(json.response).toEqual({ uid: 'u1', allowed: false, status: { message: 'no such namespace' } });
    expect(await counted('failed')).toBe(true);
  });

  it('refuses a malformed review and serves the next one on the same connection', async () => {
    const { ask } = await webhook();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const bad = await ask({ agent, body: '{"apiVersion":1}' });
    expect(bad.status).toBe(400);
    expect(bad.text).toContain('apiVersion');
    expect((await ask({ agent })).status).toBe(200);
    agent.destroy();
  });

  it('answers reviews at POST / alone', async () => {
    const { ask } = await webhook();
    expect((await ask({ path: '/mutate' })).status).toBe(404);
    expect((await ask({ method: 'GET', body: '' })).status).toBe(404);
  });

  it('does not read a body that is announced or turns out too long', async () => {
    const { ask, counted } = await webhook(undefined, { bodyBytes: 1000 });
    const body = Buffer.alloc(5000, 'x');
    expect((await ask({ body, headers: { 'content-length': '5000' } })).status).toBe(413);
    expect(await counted('too_large')).toBe(true);
    expect((await ask({ body, headers: { 'transfer-encoding': 'chunked' } })).status).toBe(413);
    expect((await ask()).status).toBe(200);
  });

  it('bounds what is under way: some wait unread, the next is told to come back', async () => {
    const held = Promise.withResolvers<void>();
    const { server, ask } = await webhook(
      async () => {
        await held.promise;
        return { kind: 'allowed' };
      },
      { bytesInFlight: 1, waiting: 1 },
    );
    const first = ask();
    await until(() => server.load.bytes === 1);
    const second = ask();
    await until(() => server.load.waiting === 1);
    expect((await ask()).status).toBe(503);
    held.resolve();
    expect((await first).status).toBe(200);
    expect((await second).status).toBe(200);
    expect(server.load).toEqual({ webhook: 'test', bytes: 0, waiting: 0 });
  });

  it('aborts a decision that nobody waits for', async () => {
    const aborted = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { port } = await webhook(async (_request, signal) => {
      asked.resolve();
      await once(signal, 'abort');
      aborted.resolve();
      return { kind: 'allowed' };
    });
    const socket = connect({ port, host: '127.0.0.1', ca: pair.cert, servername: 'webhook.linkerd.svc' });
    const body = JSON.stringify(aReview());
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await asked.promise;
    socket.destroy();
    await aborted.promise;
  });

  it('speaks TLS 1.3 only', async () => {
    const { ask } = await webhook();
    await expect(ask({ maxVersion: 'TLSv1.2' })).rejects.toThrow();
    expect((await ask({ maxVersion: 'TLSv1.3' })).status).toBe(200);
  });

  it('finishes what is under way when it is drained', async () => {
    const held = Promise.withResolvers<void>();
    const { server, ask } = await webhook(async () => {
      await held.promise;
      return { kind: 'allowed' };
    });
    const agent = new Agent({ keepAlive: true });
    const under = ask({ agent });
    await until(() => server.load.bytes > 0);
    const drained = server.drain(new AbortController().signal);
    held.resolve();
    const { status, headers } = await under;
    expect(status).toBe(200);
    expect(headers.connection).toBe('close');
    await drained;
    await expect(ask()).rejects.toThrow('ECONNREFUSED');
    agent.destroy();
  });
});

describe('an opened webhook', () => {
  it('is ready with its first certificate and takes a new one while it serves', async () => {
    const secret = new MountedSecret();
    const readiness = new Readiness();
    const shutdown = new Shutdown({ logger: silentLogger, graceMs: 1000 });
    const metrics = new AdmissionMetrics(createRegistry());
    const surroundings = { logger: silentLogger, metrics, readiness, shutdown };
    const opened = await openWebhook(
      {
        name: 'test',
        addr: { host: '127.0.0.1', port: 0 },
        tlsDirectory: secret.directory,
        admit: () => ({ kind: 'allowed' }),
      },
      surroundings,
    );
    const { port } = opened.address;
    expect(readiness.ready).toBe(false);
    secret.write(asSecret(pair));
    await until(() => readiness.ready);
    const before = await call({ port, ca: pair.cert });
    const next = aKeyPair();
    secret.write(asSecret(next));
    const fingerprint = await seen(() => call({ port, ca: pair.cert + next.cert }), before.fingerprint);
    expect(fingerprint).not.toBe(before.fingerprint);
    secret.write(asSecret({ ...next, key: pair.key }));
    expect((await call({ port, ca: next.cert })).status).toBe(200);
    await shutdown.begin('test');
    secret.remove();
  });
});

/** Asks until another certificate is served. */
async function seen(ask: () => Promise<{ fingerprint: string }>, old: string): Promise<string> {
  for (;;) {
    const { fingerprint } = await ask();
    if (fingerprint !== old) return fingerprint;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
