import type { RedisLink } from '@weft/service';
import { defaultLedgerSize, type Ledger, type LedgerEntry } from './ledger.ts';

const key = 'weft:identity:ledger';

/** The ledger that all replicas share: a Redis stream of bounded length. */
export class RedisLedger implements Ledger {
  readonly #redis: RedisLink;
  readonly #size: number;

  constructor(redis: RedisLink, size = defaultLedgerSize) {
    this.#redis = redis;
    this.#size = size;
  }

  async append(entry: LedgerEntry): Promise<void> {
    const fields = Object.entries(entry).flat();
    await this.#redis.run((redis) => redis.xadd(key, 'MAXLEN', '~', this.#size, '*', ...fields));
  }

  async latest(count: number): Promise<LedgerEntry[]> {
    const entries = await this.#redis.run((redis) => redis.xrevrange(key, '+', '-', 'COUNT', count));
    return entries.map(([, fields]) => entryOf(fields));
  }
}

function entryOf(fields: readonly string[]): LedgerEntry {
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < fields.length; index += 2) values.set(fields[index]!, fields[index + 1]!);
  const value = (name: keyof LedgerEntry) => values.get(name) ?? '';
  return {
    serial: value('serial'),
    identity: value('identity'),
    issuer: value('issuer'),
    issuedAt: value('issuedAt'),
    notBefore: value('notBefore'),
    notAfter: value('notAfter'),
  };
}
