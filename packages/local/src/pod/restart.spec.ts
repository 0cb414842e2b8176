import { describe, expect, it } from '@jest/globals';
import { countQuickEnds, restartDelay, restarts } from './restart.ts';

const exit = (code: number) => ({ code, signal: undefined });

describe('a container that has ended', () => {
  it.each([
    ['Always', 0, true],
    ['Always', 1, true],
    ['OnFailure', 0, false],
    ['OnFailure', 137, true],
    ['Never', 1, false],
  ] as const)('with policy %s and code %i starts again: %j', (policy, code, again) => {
    expect(restarts(policy, exit(code))).toBe(again);
  });

  it('waits longer each time, but never longer than ten seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 20].map(restartDelay)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('waits shortly again once it has run for a minute', () => {
    expect(countQuickEnds(4, 59_000)).toBe(5);
    expect(countQuickEnds(4, 60_000)).toBe(1);
  });
});
