import { createRedisLink, type Logger, type Registry, type Shutdown } from '@weft/service';
import type { CertifyMetrics } from './certify/certify-metrics.ts';
import { Fallback } from './fallback.ts';
import { FallbackLedger } from './ledger/fallback-ledger.ts';
import type { Ledger } from './ledger/ledger.ts';
import { MemoryLedger } from './ledger/memory-ledger.ts';
import { RedisLedger } from './ledger/redis-ledger.ts';
import { FallbackLimit } from './limit/fallback-limit.ts';
import type { LimitRate } from './limit/gcra.ts';
import type { IssuanceLimit } from './limit/issuance-limit.ts';
import { MemoryLimit } from './limit/memory-limit.ts';
import { RedisLimit } from './limit/redis-limit.ts';

/** What replicas share: through Redis where there is one, each for itself otherwise. */
export interface SharedStores {
  readonly ledger: Ledger;
  readonly limit: IssuanceLimit;
}

export interface SharedStoresOptions {
  /** Empty: no Redis. */
  readonly redisUrl: string;
  readonly rate: LimitRate;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly shutdown: Shutdown;
  readonly metrics: CertifyMetrics;
}

export function openSharedStores(options: SharedStoresOptions): SharedStores {
  const { redisUrl, rate, logger, registry, shutdown, metrics } = options;
  const local = { ledger: new MemoryLedger(), limit: new MemoryLimit(rate) };
  if (redisUrl === '') return local;
  const redis = createRedisLink({ url: redisUrl, logger, registry });
  shutdown.register('close', 'redis', () => redis.close());
  const fallback = (store: string) => ({ store, logger, onFallback: () => metrics.fellBack(store) });
  return {
    ledger: new FallbackLedger(
      new Fallback<Ledger>(new RedisLedger(redis), local.ledger, fallback('ledger')),
    ),
    limit: new FallbackLimit(
      new Fallback<IssuanceLimit>(new RedisLimit(redis, rate), local.limit, fallback('limit')),
    ),
  };
}
