import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../balance/balancer.builder.ts';
import { IdleCache } from './idle-cache.ts';

class Thing {
  closed = 0;
  close(): void {
    this.closed += 1;
  }
}

function cache(capacity = 10) {
  const clock = new FakeClock();
  const things = new IdleCache<Thing>({ idleMs: 90, capacity }, clock);
  const acquire = (key: string) => {
    const lease = things.acquire(key, () => new Thing());
    if (lease === null) throw new Error(`no room for ${key}`);
    return lease;
  };
  return { clock, things, acquire };
}

describe('a cache of what is in use', () => {
  it('shares a value, and closes it some time after the last has let go', () => {
    const { clock, acquire, things } = cache();
    const [a, b] = [acquire('k'), acquire('k')];
    expect(b.value).toBe(a.value);
    a.release();
    a.release();
    clock.advance(1000);
    expect(a.value.closed).toBe(0);
    b.release();
    clock.advance(89);
    expect(a.value.closed).toBe(0);
    clock.advance(1);
    expect([a.value.closed, things.size]).toEqual([1, 0]);
  });

  it('keeps a value that is taken up again in time', () => {
    const { clock, acquire } = cache();
    const first = acquire('k');
    first.release();
    clock.advance(50);
    const second = acquire('k');
    clock.advance(1000);
    expect(second.value).toBe(first.value);
    expect(second.value.closed).toBe(0);
  });

  it('makes room by what has been idle longest, and has none when all are in use', () => {
    const { clock, acquire, things } = cache(2);
    const [a, b] = [acquire('a'), acquire('b')];
    expect(things.acquire('c', () => new Thing())).toBeNull();
    b.release();
    clock.advance(10);
    a.release();
    acquire('c');
    expect([a.value.closed, b.value.closed]).toEqual([0, 1]);
  });

  it('closes everything', () => {
    const { acquire, things } = cache();
    const a = acquire('a');
    things.close();
    a.release();
    expect([a.value.closed, things.size]).toEqual([1, 0]);
  });
});
