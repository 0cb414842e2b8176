import { type Bucket, OwnBucket } from './gcra.ts';
import type { RateLimit, RateLimitOverride } from './server-policy.ts';

/** Identities whose buckets are kept; beyond that the one used longest ago starts anew. */
const maxIdentities = 10_000;

export interface RateLimited {
  readonly scope: 'total' | 'identity' | 'override';
  readonly requestsPerSecond: number;
}

/** The bucket of that name within one limit, of so many requests a second. */
export type MakeBucket = (name: string, rate: number) => Bucket;

/** The state of one port's rate limit: the server's, not the connection's. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #makeBucket: MakeBucket;
  readonly #total: Bucket | null;
  readonly #overrides = new Map<RateLimitOverride, Bucket>();
  // Least recently used first. The key null is everyone without an identity.
  readonly #identities = new Map<string | null, Bucket>();

  /** `makeBucket`: where buckets come from that others fill and empty, too; its own unless told. */
  constructor(limit: RateLimit, makeBucket: MakeBucket = (_name, rate) => new OwnBucket(rate)) {
    this.#limit = limit;
    this.#makeBucket = makeBucket;
    this.#total = limit.total === 0 ? null : makeBucket('total', limit.total);
    for (const [id, override] of limit.overrides) {
      if (this.#overrides.has(override)) continue;
      this.#overrides.set(override, makeBucket(`override ${id}`, override.requestsPerSecond));
    }
  }

  /**
   * null when the request may pass. The total is charged first, also for requests that another limit then
   * refuses; an override stands in for the limit of identities.
   *
   * @param id the client's identity, null without
   * @param nowMs any clock that does not go back, in milliseconds
   */
  check(id: string | null, nowMs: number): RateLimited | null {
    const { total, identity, overrides } = this.#limit;
    if (this.#total !== null && !this.#total.take(nowMs)) return { scope: 'total', requestsPerSecond: total };
    const override = id === null ? undefined : overrides.get(id);
    if (override !== undefined) {
      const passed = this.#overrides.get(override)!.take(nowMs);
      return passed ? null : { scope: 'override', requestsPerSecond: override.requestsPerSecond };
    }
    if (identity === 0 || this.#bucket(id, nowMs).take(nowMs)) return null;
    return { scope: 'identity', requestsPerSecond: identity };
  }

  #bucket(id: string | null, nowMs: number): Bucket {
    let bucket = this.#identities.get(id);
    if (bucket === undefined) {
      this.#makeRoom(nowMs);
      bucket = this.#makeBucket(id === null ? 'nobody' : `identity ${id}`, this.#limit.identity);
    } else this.#identities.delete(id);
    this.#identities.set(id, bucket);
    return bucket;
  }

  /** A full bucket is as good as none. */
  #makeRoom(nowMs: number): void {
    for (const [id, bucket] of this.#identities) {
      if (this.#identities.size < maxIdentities && !bucket.isFull(nowMs)) return;
      this.#identities.delete(id);
    }
  }
}
