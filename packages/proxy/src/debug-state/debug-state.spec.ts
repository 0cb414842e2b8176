import { describe, expect, it } from '@jest/globals';
import { DebugState } from './debug-state.ts';
import { clipped, listed } from './listed.ts';

describe('what the proxy believes', () => {
  it('is told by each part at the moment somebody asks', () => {
    const state = new DebugState();
    let load = 1;
    state.section('balancer', () => ({ load }));
    state.section('identity', () => 'web');
    load = 2;
    expect(state.describe()).toEqual({ balancer: { load: 2 }, identity: 'web' });
  });

  it('lacks nothing but the part that cannot tell', () => {
    const state = new DebugState();
    state.section('broken', () => {
      throw new Error('out of order');
    });
    state.section('fine', () => 1);
    expect(state.describe()).toEqual({ broken: { error: 'out of order' }, fine: 1 });
  });
});

describe('a list', () => {
  it('of any length is shown in part, with its length', () => {
    let described = 0;
    const many = Array.from({ length: 100_000 }, (_, i) => i);
    const list = listed(many, 2, (n) => {
      described++;
      return n * 10;
    });
    expect(list).toEqual({ total: 100_000, shown: [0, 10] });
    expect(described).toBe(2);
  });
});

describe("a text of somebody else's", () => {
  it('is shown in part when it is long', () => {
    expect(clipped('short')).toBe('short');
    expect(clipped('x'.repeat(100_000)).length).toBeLessThan(300);
    expect(clipped('x'.repeat(100_000))).toContain('100000 characters');
  });
});
