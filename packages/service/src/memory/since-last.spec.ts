import { expect, it } from '@jest/globals';
import { sinceLast } from './since-last.ts';

it('tells how much a count has grown since the last look', () => {
  let count = 7;
  const grown = sinceLast(() => count);
  expect(grown()).toBe(0);
  count = 12;
  expect([grown(), grown()]).toEqual([5, 0]);
});
