import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { recordingLogger } from '../log/recorder.builder.ts';
import { createRedisLink, type RedisLink } from './redis-link.ts';
import { hasRedisServer, RedisServer } from './redis-server.builder.ts';

let server: RedisServer;
let link: RedisLink;
let registry: Registry;
let log: ReturnType<typeof recordingLogger>;

beforeEach(async () => {
  server = await RedisServer.onFreePort();
  registry = new Registry();
  log = recordingLogger();
});
afterEach(async () => {
  await link.close();
  await server.stop();
});

function connect(): void {
  const url = `redis://:secret@127.0.0.1:${server.port}`;
  link = createRedisLink({ url, logger: log.logger, registry, commandTimeoutMs: 200 });
}

const set = () => link.run((redis) => redis.set('key', 'value'));

async function eventually(run: () => Promise<unknown>): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    try {
      await run();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  await run();
}

describe('a link to a Redis that is away', () => {
  it('refuses at once', async () => {
    connect();
    const begun = performance.now();
    await expect(set()).rejects.toMatchObject({ code: 'unavailable', message: 'redis is not connected' });
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(await registry.getSingleMetricAsString('redis_failures_total')).toContain(
      'redis_failures_total 1',
    );
  });

  it('says so in the log, without the password', async () => {
    connect();
    await eventually(async () => {
      expect(log.events.map(({ message }) => message)).toEqual(['redis is away; going on without it']);
    });
    expect(JSON.stringify(log.events)).not.toContain('secret');
  });
});

if (hasRedisServer) {
  describe('a link to a real Redis', () => {
    it('works once Redis is there', async () => {
      connect();
      await expect(set()).rejects.toMatchObject({ code: 'unavailable' });
      await server.start();
      await eventually(set);
      expect(await link.run((redis) => redis.get('key'))).toBe('value');
      expect(await registry.getSingleMetricAsString('redis_up')).toContain('redis_up 1');
    });

    it('refuses while Redis is gone, recovers when it returns, and logs each change once', async () => {
      await server.start();
      connect();
      await eventually(set);
      await server.stop();
      await eventually(async () => {
        await expect(set()).rejects.toMatchObject({ message: 'redis is not connected' });
      });
      await server.start();
      await eventually(set);
      expect(log.events.map(({ message }) => message)).toEqual([
        'redis connected',
        'redis is away; going on without it',
        'redis connected',
      ]);
    });

    it('does not wait for a Redis that does not answer', async () => {
      await server.start();
      connect();
      await eventually(set);
      server.freeze();
      await expect(set()).rejects.toMatchObject({ code: 'unavailable', message: 'redis did not answer' });
    });
  });
}
