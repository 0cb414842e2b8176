export interface Summary {
  median: number;
  min: number;
  max: number;
  /** Half the range between the least and the greatest value, as a share of the median. */
  spread: number;
}

/** @throws RangeError on no values at all. */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('there is nothing to summarize');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  return { median, min, max, spread: median === 0 ? 0 : (max - min) / 2 / median };
}
