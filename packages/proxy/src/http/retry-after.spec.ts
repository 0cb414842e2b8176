import { describe, expect, it } from '@jest/globals';
import { pushbackMs, retryAfterMs } from './retry-after.ts';

const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');

describe('a wish to be left alone', () => {
  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    ['Wednesday, 21-Oct-26 07:28:30 GMT', 30_000],
    ['Wed, 21 Oct 2026 07:27:30 GMT', 0],
    ['soon', 0],
    ['-5', 0],
    ['1.5', 0],
    ['99999999999999999999', 0],
    ['2026', 2_026_000],
  ])('of %j is %d ms', (text, ms) => {
    expect(retryAfterMs(['retry-after', text], now)).toBe(ms);
  });

  it.each([
    ['250', 250],
    ['-1', 0],
    ['x', 0],
  ])('in gRPC of %j is %d ms', (text, ms) => {
    expect(pushbackMs(['grpc-retry-pushback-ms', text])).toBe(ms);
  });

  it('is not there without its field', () => {
    expect([retryAfterMs([], now), pushbackMs([])]).toEqual([0, 0]);
  });
});
