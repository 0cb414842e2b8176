import { describe, expect, it } from '@jest/globals';
import type { Sample } from './memory.ts';
import { floors, slopeOf } from './slope.ts';

const MINUTE = 60_000;

/** Half an hour of samples, one every 5 s: a saw over a floor that grows. */
function aSaw({ mbPerHour, teeth = 20 }: { mbPerHour: number; teeth?: number }): readonly Sample[] {
  return Array.from({ length: 360 }, (_, index) => {
    const at = index * 5000;
    return { at, mb: 40 + (mbPerHour * at) / (60 * MINUTE) + (index % 9) * (teeth / 9) };
  });
}

describe('the floors of samples', () => {
  it('are the lowest of each window', () => {
    const samples = [3, 1, 2, 6, 5, 4].map((mb, index) => ({ at: index * 20_000, mb }));
    expect(floors(samples, MINUTE)).toEqual([
      { at: 20_000, mb: 1 },
      { at: 100_000, mb: 4 },
    ]);
  });
});

describe('the slope of memory', () => {
  it.each([0, 0.5, 1, 7, -3])('of %d MB/h is found under a saw of 20 MB', (mbPerHour) => {
    const slope = slopeOf(floors(aSaw({ mbPerHour }), MINUTE));
    expect(slope.mbPerHour).toBeCloseTo(mbPerHour, 1);
    expect(slope.low).toBeLessThanOrEqual(slope.mbPerHour);
    expect(slope.high).toBeGreaterThanOrEqual(slope.mbPerHour);
  });

  it('is not moved by windows in which nothing was collected', () => {
    const points = floors(aSaw({ mbPerHour: 2 }), MINUTE);
    const disturbed = points.map(({ at, mb }, index) => ({ at, mb: index % 6 === 5 ? mb + 15 : mb }));
    expect(slopeOf(disturbed).mbPerHour).toBeCloseTo(2, 0);
  });

  it('has wider bounds the more the points scatter', () => {
    const points = floors(aSaw({ mbPerHour: 0 }), MINUTE);
    const scattered = points.map(({ at, mb }, index) => ({ at, mb: mb + ((index * 7) % 5) }));
    const width = (of: readonly Sample[]) => slopeOf(of).high - slopeOf(of).low;
    expect(width(scattered)).toBeGreaterThan(width(points) + 1);
  });

  it('of two points is refused', () => {
    expect(() => slopeOf(aSaw({ mbPerHour: 0 }).slice(0, 2))).toThrow(RangeError);
  });
});
