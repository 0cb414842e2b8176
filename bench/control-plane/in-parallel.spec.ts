import { expect, it } from '@jest/globals';
import { inParallel } from './in-parallel.ts';

it('does every piece of work once, a bounded number at a time', async () => {
  const done: number[] = [];
  let [now, most] = [0, 0];
  await inParallel(10, 3, async (number) => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    done.push(number);
    now -= 1;
  });
  expect(done.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(most).toBe(3);
});
