import type { Sample } from './memory.ts';

/** Growth of memory, in MB an hour, with the bounds between which it is in 95 of 100 cases. */
export interface Slope {
  readonly mbPerHour: number;
  readonly low: number;
  readonly high: number;
}

const MS_PER_HOUR = 3_600_000;
/** Of the normal distribution, for 95 %. */
const Z = 1.96;

/**
 * The lowest sample of each window of time. A collected heap is a saw: what lies between two collections says when
 * the collector ran, not what is held. Floors are what is left when it has run.
 */
export function floors(samples: readonly Sample[], windowMs: number): readonly Sample[] {
  const lowest = new Map<number, Sample>();
  for (const sample of samples) {
    const window = Math.floor(sample.at / windowMs);
    const known = lowest.get(window);
    if (known === undefined || sample.mb < known.mb) lowest.set(window, sample);
  }
  return [...lowest.values()];
}

/**
 * The median of the slopes between all pairs of points (Theil and Sen), with Sen's bounds from the distribution of
 * Kendall's S: unlike a least-squares fit it is not moved by a few outliers, such as a floor that no collection fell into.
 * @throws RangeError for fewer than three points.
 */
export function slopeOf(points: readonly Sample[]): Slope {
  const count = points.length;
  if (count < 3)
    throw new RangeError(`${count} windows after the warm-up are too few to judge memory by; it takes three`);
  const slopes = points
    .flatMap((from, index) =>
      points.slice(index + 1).map((to) => ((to.mb - from.mb) / (to.at - from.at)) * MS_PER_HOUR),
    )
    .sort((a, b) => a - b);
  const spread = Z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))]!;
  const middle = (slopes.length - 1) / 2;
  return {
    mbPerHour: (slopes[Math.floor(middle)]! + slopes[Math.ceil(middle)]!) / 2,
    low: at(middle - spread / 2),
    high: at(middle + spread / 2),
  };
}
