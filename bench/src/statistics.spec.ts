import { describe, expect, it } from '@jest/globals';
import { summarize } from './statistics.ts';

describe('a summary', () => {
  it('has the middle value, whatever the order', () => {
    expect(summarize([5, 1, 9]).median).toBe(5);
    expect(summarize([4, 1, 2, 100]).median).toBe(3);
    expect(summarize([7])).toEqual({ median: 7, min: 7, max: 7, spread: 0 });
  });

  it('tells how far the values lie apart', () => {
    expect(summarize([90, 100, 120])).toEqual({ median: 100, min: 90, max: 120, spread: 0.15 });
    expect(summarize([0, 0]).spread).toBe(0);
  });

  it('is not made of nothing', () => {
    expect(() => summarize([])).toThrow(RangeError);
  });
});
