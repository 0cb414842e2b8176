import { describe, expect, it } from '@jest/globals';
import { refreshDelay } from './refresh-schedule.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const bounds = { minRefreshMs: 10 * SECOND, maxRefreshMs: 24 * HOUR };

describe('the next refresh', () => {
  it.each([
    ['at 70 % of what is left', 20 * HOUR, 14 * HOUR],
    ['not before the minimum', 12 * SECOND, 10 * SECOND],
    ['not after the maximum', 1000 * HOUR, 24 * HOUR],
    ['after the minimum when the certificate has expired', -5 * HOUR, 10 * SECOND],
  ])('is %s', (_, left, delay) => {
    const now = Date.UTC(2026, 0, 1);
    expect(refreshDelay(now, now + left, bounds)).toBe(delay);
  });
});
