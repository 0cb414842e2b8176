import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, type LogEvent, Registry, Shutdown } from '@weft/service';
import { csrFor } from './certificate/csr.builder.ts';
import { certifierOf, tokenFor } from './certify/certifier.builder.ts';
import { CertifyMetrics } from './certify/certify-metrics.ts';
import { entryOf } from './ledger/ledger.builder.ts';
import { hasRedisServer, RedisServer } from './redis-server.builder.ts';
import { openSharedStores } from './shared-stores.ts';

let server: RedisServer;
let registry: Registry;
let events: LogEvent[];
let shutdowns: Shutdown[];

beforeEach(async () => {
  server = await RedisServer.onFreePort();
  registry = new Registry();
  events = [];
  shutdowns = [];
});
afterEach(async () => {
  for (const shutdown of shutdowns) await shutdown.begin('test is over');
  await server.stop();
});

/** One replica's stores. */
function replica(rate = { perSecond: 0.001, burst: 3 }, redisUrl = `redis://127.0.0.1:${server.port}`) {
  const logger = createLogger({ level: 'info', write: () => {}, format: (event) => `${events.push(event)}` });
  const own = shutdowns.length === 0 ? registry : new Registry();
  const shutdown = new Shutdown({ logger, graceMs: 1_000 });
  shutdowns.push(shutdown);
  return openSharedStores({
    redisUrl,
    rate,
    logger,
    registry: own,
    shutdown,
    metrics: new CertifyMetrics(own),
  });
}

async function logged(message: string): Promise<void> {
  for (let round = 0; round < 300 && !events.some((event) => event.message === message); round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(events.map((event) => event.message)).toContain(message);
}

const identity = 'web.shop.serviceaccount.identity.linkerd.cluster.local';
const request = { identity, token: tokenFor('web', 'shop'), csr: csrFor(identity) };
const signal = new AbortController().signal;

describe('stores without Redis', () => {
  it('are kept in memory', async () => {
    const { ledger, limit } = replica(undefined, '');
    await ledger.append(entryOf('1'));
    expect(await ledger.latest(5)).toEqual([entryOf('1')]);
    for (let turn = 0; turn < 3; turn += 1) expect(await limit.take('web')).toEqual({ kind: 'allowed' });
    expect(await limit.take('web')).toMatchObject({ kind: 'limited' });
  });
});

describe('stores whose Redis is away', () => {
  it('go on in memory, with a log line for each and a count for every time', async () => {
    const { certifier } = certifierOf(replica());
    for (let turn = 0; turn < 3; turn += 1) await certifier.certify(request, signal);
    await expect(certifier.certify(request, signal)).rejects.toMatchObject({ code: 'resource_exhausted' });
    const text = await registry.metrics();
    expect(text).toContain('identity_shared_store_fallbacks_total{store="ledger"} 3');
    expect(text).toContain('identity_shared_store_fallbacks_total{store="limit"} 4');
    const lines = events.filter(({ message }) => message.startsWith('no longer shared'));
    expect(lines.map(({ fields }) => fields.store).toSorted()).toEqual(['ledger', 'limit']);
  });
});

if (hasRedisServer) {
  describe('stores in a real Redis', () => {
    it('share ledger and limit among replicas', async () => {
      await server.start();
      const [one, two] = [replica(), replica()];
      await logged('redis connected');
      await one.ledger.append(entryOf('1'));
      await two.ledger.append(entryOf('2'));
      expect(await one.ledger.latest(5)).toEqual([entryOf('2'), entryOf('1')]);
      const verdicts = [];
      for (const { limit } of [one, two, one, two]) verdicts.push((await limit.take('web')).kind);
      expect(verdicts).toEqual(['allowed', 'allowed', 'allowed', 'limited']);
    });

    it('limit as memory does', async () => {
      await server.start();
      const { limit } = replica({ perSecond: 10, burst: 2 });
      await logged('redis connected');
      await limit.take('web');
      await limit.take('web');
      const third = await limit.take('web');
      expect(third.kind).toBe('limited');
      const wait = third.kind === 'limited' ? third.retryAfterMs : 0;
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(100);
      await new Promise((resolve) => setTimeout(resolve, wait + 5));
      expect(await limit.take('web')).toEqual({ kind: 'allowed' });
    });

    it('go on while Redis is gone, and share again when it returns', async () => {
      await server.start();
      const stores = replica({ perSecond: 1_000, burst: 1_000 });
      await logged('redis connected');
      const { certifier } = certifierOf(stores);
      await certifier.certify(request, signal);
      await server.stop();
      for (let turn = 0; turn < 5; turn += 1) await certifier.certify(request, signal);
      await server.start();
      for (let turn = 0; turn < 300 && !events.some((event) => event.message === 'shared again'); turn += 1) {
        await certifier.certify(request, signal);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await logged('shared again');
    });

    it('hold no token', async () => {
      await server.start();
      const stores = replica();
      await logged('redis connected');
      await certifierOf(stores).certifier.certify(request, signal);
      const [entry] = await stores.ledger.latest(1);
      expect(entry?.identity).toBe(identity);
      expect(Object.keys(entry!)).toEqual(Object.keys(entryOf('')));
    });
  });
}
