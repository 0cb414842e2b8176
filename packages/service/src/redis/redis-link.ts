import { Redis } from 'ioredis';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Logger } from '../log/logger.ts';
import { ServiceError } from '../service-error.ts';

export interface RedisLinkOptions {
  /** `redis://[user:password@]host:port/db`, `rediss://` for TLS. */
  readonly url: string;
  readonly logger: Logger;
  readonly registry: Registry;
  /** How long one operation may take, in ms. */
  readonly commandTimeoutMs?: number;
}

/** What services need of Redis: run something now, or learn at once that it cannot be run. */
export interface RedisLink {
  /** @throws ServiceError `unavailable` when Redis is away or too slow. Nothing is queued or repeated. */
  run<T>(operation: (redis: Redis) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const maxReconnectDelayMs = 5_000;

/**
 * Connects in the background and keeps trying, a few seconds apart; the service goes on without Redis meanwhile.
 * Only changes of state are logged, never the URL, which may hold a password.
 */
export function createRedisLink(options: RedisLinkOptions): RedisLink {
  const { logger, registry, commandTimeoutMs = 250 } = options;
  const registers = [registry];
  const up = new Gauge({ name: 'redis_up', help: '1 while Redis is connected', registers });
  const failures = new Counter({
    name: 'redis_failures_total',
    help: 'Operations that Redis did not answer',
    registers,
  });
  const redis = new Redis(options.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 2_000,
    commandTimeout: commandTimeoutMs,
    retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 10), maxReconnectDelayMs),
  });
  let lastError: unknown;
  let connected: boolean | undefined;
  const report = (now: boolean) => {
    if (now === connected) return;
    connected = now;
    up.set(now ? 1 : 0);
    if (now) logger.info('redis connected');
    else logger.warn('redis is away; going on without it', { error: lastError });
  };
  redis.on('error', (error) => {
    lastError = error;
  });
  redis.on('ready', () => report(true));
  redis.on('close', () => report(false));
  redis.connect().catch(() => report(false));

  return {
    run: async (operation) => {
      if (redis.status !== 'ready') {
        failures.inc();
        throw new ServiceError('unavailable', 'redis is not connected', { cause: lastError });
      }
      try {
        return await operation(redis);
      } catch (cause) {
        failures.inc();
        throw new ServiceError('unavailable', 'redis did not answer', { cause });
      }
    },
    close: async () => {
      redis.removeAllListeners('close');
      redis.disconnect();
    },
  };
}
