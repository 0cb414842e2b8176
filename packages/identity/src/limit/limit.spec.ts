import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { gcra } from './gcra.ts';
import { MemoryLimit } from './memory-limit.ts';

describe('the cell rate algorithm', () => {
  it('allows a burst, then one after each interval', () => {
    const rate = { perSecond: 10, burst: 3 };
    let arrival: number | undefined;
    const take = (now: number) => {
      const result = gcra(arrival, now, rate);
      ({ arrival } = result);
      return result.verdict;
    };
    expect([take(0), take(0), take(0)].map(({ kind }) => kind)).toEqual(['allowed', 'allowed', 'allowed']);
    expect(take(0)).toEqual({ kind: 'limited', retryAfterMs: 100 });
    expect(take(99)).toEqual({ kind: 'limited', retryAfterMs: 1 });
    expect(take(100).kind).toBe('allowed');
    expect(take(100).kind).toBe('limited');
    expect([take(10_000), take(10_000), take(10_000), take(10_000)].at(-1)?.kind).toBe('limited');
  });

  it('never allows more than burst and rate together, whatever the times', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { maxLength: 200 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 20 }),
        (gaps, perSecond, burst) => {
          let now = 0;
          let arrival: number | undefined;
          let allowed = 0;
          for (const gap of gaps) {
            now += gap;
            const result = gcra(arrival, now, { perSecond, burst });
            ({ arrival } = result);
            if (result.verdict.kind === 'allowed') allowed += 1;
          }
          return allowed <= burst + Math.ceil((now * perSecond) / 1000);
        },
      ),
    );
  });
});

describe('the limit of one process', () => {
  it('counts each identity for itself', async () => {
    const limit = new MemoryLimit({ perSecond: 1, burst: 1 }, () => 0);
    expect(await limit.take('web')).toEqual({ kind: 'allowed' });
    expect(await limit.take('orders')).toEqual({ kind: 'allowed' });
    expect(await limit.take('web')).toMatchObject({ kind: 'limited' });
  });

  it('remembers a bounded number of identities, those that asked last', async () => {
    const limit = new MemoryLimit({ perSecond: 1, burst: 1 }, () => 0, 2);
    for (const identity of ['a', 'b', 'a', 'c']) await limit.take(identity);
    expect(limit.size).toBe(2);
    expect(await limit.take('a')).toMatchObject({ kind: 'limited' });
    expect(await limit.take('b')).toMatchObject({ kind: 'allowed' });
  });
});
