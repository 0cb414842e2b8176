/** Counts of a cumulative histogram by upper bound; `Infinity` counts all. */
export type Buckets = ReadonlyMap<number, number>;

/**
 * The value below which the share `q` of all observations lies, by linear interpolation within a bucket; undefined
 * without observations. What lies in the last bucket is reported as the highest finite bound.
 */
export function quantile(buckets: Buckets, q: number): number | undefined {
  const bounds = [...buckets].sort(([a], [b]) => a - b);
  const total = bounds.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = q * total;
  let below = 0;
  let lower = 0;
  for (const [bound, count] of bounds) {
    if (count >= rank && count > below) {
      if (bound === Number.POSITIVE_INFINITY) return lower;
      return lower + ((bound - lower) * (rank - below)) / (count - below);
    }
    below = count;
    lower = bound === Number.POSITIVE_INFINITY ? lower : bound;
  }
  return lower;
}

/** The observations since an earlier reading of the same histogram. */
export function bucketsSince(now: Buckets, before: Buckets): Buckets {
  return new Map([...now].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
}
