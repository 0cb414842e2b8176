import { Gcra } from './gcra.ts';
import type { RateLimit, RateLimitOverride } from './server-policy.ts';

/** Identities whose buckets are kept; beyond that the one used longest ago starts anew. */
const maxIdentities = 10_000;

export interface RateLimited {
  readonly scope: 'total' | 'identity' | 'override';
  readonly requestsPerSecond: number;
}

/** The state of one port's rate limit: the server's, not the connection's. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #total: Gcra | null;
  readonly #overrides = new Map<RateLimitOverride, Gcra>();
  // Least recently used first. The key null is everyone without an identity.
  readonly #identities = new Map<string | null, Gcra>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
    this.#total = limit.total === 0 ? null : new Gcra(limit.total);
    for (const override of limit.overrides.values()) {
      this.#overrides.set(override, new Gcra(override.requestsPerSecond));
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

  #bucket(id: string | null, nowMs: number): Gcra {
    let bucket = this.#identities.get(id);
    if (bucket === undefined) {
      this.#makeRoom(nowMs);
      bucket = new Gcra(this.#limit.identity);
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
