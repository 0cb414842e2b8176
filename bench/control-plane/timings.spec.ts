import { expect, it } from '@jest/globals';
import { quantile } from './timings.ts';

it('finds the value that a share of all does not exceed', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile([7], 0.99)]).toEqual([51, 100, 7]);
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});
