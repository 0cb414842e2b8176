import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.ts';

const bounds = { minMs: 100, maxMs: 1000 };

describe('a backoff', () => {
  it('doubles up to its bound, however many failures there were', () => {
    const longest = [1, 2, 3, 4, 5, 1000].map((failures) => backoffMs(failures, bounds, 1));
    expect(longest).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('is spread over the upper half', () => {
    expect(backoffMs(5, bounds, 0)).toBe(500);
    expect(backoffMs(5, bounds, 0.5)).toBe(750);
  });
});
