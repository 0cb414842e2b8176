import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Authority, dnsName, newKey } from '../tls/certificates.builder.ts';
import { ATTEMPT, CertifyBench, ID, LIFETIME, REFRESH, RETRY } from './certify-loop.builder.ts';
import { readToken } from './read-token.ts';

describe('certification', () => {
  let bench: CertifyBench;
  afterEach(() => bench.close());

  it('asks at once with the same key and a fresh token, and again at 70 % of the life', async () => {
    bench = new CertifyBench();
    await bench.clock.wake(REFRESH);
    await bench.clock.asleepFor(REFRESH);
    expect(bench.calls.map(({ identity, token }) => [identity, String(token)])).toEqual([
      [ID, 'token 1'],
      [ID, 'token 2'],
    ]);
    expect(bench.calls.every(({ csr }) => csr.equals(bench.request.csr))).toBe(true);
  });

  it('puts the certificate to use and shows when it was got and how long it holds', async () => {
    bench = new CertifyBench();
    const { clock } = bench;
    expect(bench.loop.status).toMatchObject({ validUntil: null, refreshedAt: null });
    await clock.asleepFor(REFRESH);
    await bench.loop.ready;
    expect(bench.credentials.certified?.leaf.subjectAltName).toBe(`DNS:${ID}`);
    expect(bench.loop.status).toEqual({
      validUntil: clock.now() + LIFETIME,
      refreshedAt: clock.now(),
      nextAttemptAt: clock.now() + REFRESH,
      installed: 1,
      rejected: 0,
    });
    expect(bench.log.lines).toMatchObject([
      { level: 'info', message: 'Certified identity', fields: { id: ID } },
    ]);
  });

  it('tries again after the minimum when the service fails, and keeps the old certificate', async () => {
    bench = new CertifyBench();
    await bench.loop.ready;
    const first = bench.credentials.certified;
    bench.answers.push(async () => {
      throw new Error('connection refused');
    });
    await bench.clock.wake(REFRESH);
    await bench.clock.asleepFor(RETRY);
    expect(bench.credentials.certified).toBe(first);
    expect(bench.loop.status).toMatchObject({ installed: 1, rejected: 0 });
    expect(bench.log.lines.at(-1)).toMatchObject({
      level: 'error',
      message: 'Failed to certify identity',
      fields: {
        error: { code: 'certify', cause: { message: 'connection refused' } },
        expired: false,
        retryInMs: RETRY,
      },
    });
    await bench.clock.wake(RETRY);
    await bench.clock.asleepFor(REFRESH);
    expect(bench.loop.status.installed).toBe(2);
  });

  it('gives up an attempt that is not answered, and tells the call so', async () => {
    let abandoned: AbortSignal | undefined;
    bench = new CertifyBench();
    await bench.loop.ready;
    bench.answers.push((_, signal) => {
      abandoned = signal;
      return new Promise(() => {});
    });
    await bench.clock.wake(REFRESH);
    await bench.clock.wake(ATTEMPT);
    await bench.clock.asleepFor(RETRY);
    expect(abandoned?.aborted).toBe(true);
    expect(bench.log.lines.at(-1)).toMatchObject({
      fields: { error: { message: 'no answer within 5000 ms' } },
    });
  });

  it('is not ready before the first certificate, however often it fails', async () => {
    let ready = false;
    bench = new CertifyBench({ readToken: () => readToken('/nonexistent/token') });
    void bench.loop.ready.then(() => {
      ready = true;
    });
    await bench.clock.wake(RETRY);
    await bench.clock.asleepFor(RETRY);
    expect(ready).toBe(false);
    expect(bench.calls).toEqual([]);
    expect(bench.log.lines[1]).toMatchObject({
      fields: { error: { code: 'token', message: 'the token file /nonexistent/token cannot be read' } },
    });
  });

  it.each<[string, string, (bench: CertifyBench) => ReturnType<CertifyBench['issue']>]>([
    ['without an end', 'lapsed', (it) => it.issue({ lifetimeMs: null })],
    ['whose end has passed', 'lapsed', (it) => it.issue({ lifetimeMs: 0 })],
    ['whose end is no time', 'lapsed', (it) => ({ ...it.issue(), validUntil: new Date(Number.NaN) })],
    ['of another issuer', 'untrusted', (it) => it.issue({}, Authority.root().issuer())],
    ['without its issuer', 'untrusted', (it) => ({ ...it.issue(), intermediates: [] })],
    [
      'that has expired all the same',
      'untrusted',
      (it) => it.issue({ notAfter: new Date(it.clock.now() - 1000) }),
    ],
    ['for another identity', 'wrong-name', (it) => it.issue({ names: [dnsName('orders.shop')] })],
    ['for no identity', 'wrong-name', (it) => it.issue({ names: [], commonName: ID })],
    ['for another key', 'wrong-key', (it) => it.issue({ publicKey: newKey().publicKey })],
    ['that is none', 'malformed', (it) => ({ ...it.issue(), leaf: Buffer.from('nonsense') })],
    ['with a broken issuer', 'malformed', (it) => ({ ...it.issue(), intermediates: [Buffer.alloc(3)] })],
  ])('refuses a certificate %s', async (_, code, answer) => {
    bench = new CertifyBench();
    bench.answers.push(async () => answer(bench));
    await bench.clock.asleepFor(RETRY);
    expect(bench.log.lines).toMatchObject([{ level: 'error', fields: { error: { code } } }]);
    expect(bench.credentials.certified).toBeNull();
    expect(bench.loop.status).toMatchObject({ installed: 0, rejected: 1 });
  });

  it('says so when the certificate in use has expired', async () => {
    bench = new CertifyBench();
    await bench.clock.asleepFor(REFRESH);
    bench.clock.time += LIFETIME;
    bench.answers.push(async () => {
      throw new Error('away');
    });
    await bench.clock.wake(REFRESH);
    await bench.clock.asleepFor(RETRY);
    expect(bench.log.lines.at(-1)).toMatchObject({ level: 'error', fields: { expired: true } });
  });
});

describe('the token', () => {
  it('is the content of its file, and not nothing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'token-'));
    const file = join(directory, 'token');
    await writeFile(file, 'a.b.c\n');
    await expect(readToken(file)).resolves.toEqual(Buffer.from('a.b.c\n'));
    await writeFile(file, '');
    await expect(readToken(file)).rejects.toMatchObject({
      code: 'token',
      message: `the token file ${file} is empty`,
    });
    await rm(directory, { recursive: true });
  });
});
