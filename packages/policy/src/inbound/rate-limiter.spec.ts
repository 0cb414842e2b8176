import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultMeta } from '../meta.ts';
import { OwnBucket } from './gcra.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { RateLimit } from './server-policy.ts';

function limiter(limit: Partial<RateLimit>): RateLimiter {
  return new RateLimiter({
    meta: defaultMeta('limit'),
    total: 0,
    identity: 0,
    overrides: new Map(),
    ...limit,
  });
}

/** How many of `count` requests pass at one moment. */
function passing(limit: RateLimiter, id: string | null, count: number, now = 0): number {
  return Array.from({ length: count }, () => limit.check(id, now)).filter((refused) => refused === null)
    .length;
}

describe('the generic cell rate algorithm', () => {
  it('never lets more through than a burst and what has flowed in since', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), steps, (rate, gaps) => {
        const bucket = new OwnBucket(rate);
        const times: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          if (bucket.take(now)) times.push(now);
        }
        for (let i = 0; i < times.length; i += 1) {
          for (let j = i; j < times.length; j += 1) {
            expect(j - i + 1).toBeLessThanOrEqual(rate + ((times[j]! - times[i]!) * rate) / 1000 + 1e-6);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('lets a burst through, then one for each interval', () => {
    const bucket = new OwnBucket(10);
    expect(Array.from({ length: 12 }, () => bucket.take(0)).filter(Boolean)).toHaveLength(10);
    expect([bucket.take(99), bucket.take(100), bucket.take(150), bucket.take(200)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});

describe('a rate limit', () => {
  it('has no limits of zero', () => {
    expect(passing(limiter({}), null, 1000)).toBe(1000);
  });

  it('keeps a bucket for each identity, and one for all without', () => {
    const limit = limiter({ identity: 3 });
    expect([passing(limit, 'a', 5), passing(limit, 'b', 5), passing(limit, null, 5)]).toEqual([3, 3, 3]);
    expect(limit.check('a', 0)).toEqual({ scope: 'identity', requestsPerSecond: 3 });
  });

  it('shares an override among its identities, instead of their own limit', () => {
    const override = { requestsPerSecond: 4 };
    const limit = limiter({
      identity: 1,
      overrides: new Map([
        ['a', override],
        ['b', override],
      ]),
    });
    expect([passing(limit, 'a', 3), passing(limit, 'b', 3), passing(limit, 'c', 3)]).toEqual([3, 1, 1]);
    expect(limit.check('b', 0)).toEqual({ scope: 'override', requestsPerSecond: 4 });
  });

  it('charges the total first, also for what another limit refuses', () => {
    const limit = limiter({ total: 5, identity: 1 });
    expect(passing(limit, 'a', 5)).toBe(1);
    expect(limit.check('b', 0)).toEqual({ scope: 'total', requestsPerSecond: 5 });
  });

  it('forgets identities rather than grow without bound', () => {
    const limit = limiter({ identity: 1 });
    limit.check('first', 0);
    for (let i = 0; i < 10_000; i += 1) limit.check(`id${i}`, 0);
    expect(limit.check('first', 0)).toBeNull();
    expect(limit.check('id9999', 0)).not.toBeNull();
  });
});
