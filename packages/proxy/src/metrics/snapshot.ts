/** A family at one moment, so that it can be sent to another thread. */
export interface FamilyNumbers {
  readonly name: string;
  readonly style: 'legacy' | 'registry';
  /** Numbers of one series. */
  readonly width: number;
  readonly labels: readonly string[];
  /** Those of all series, one after another. */
  readonly values: Float64Array;
}

/** The numbers of each series, by its labels. */
export type SeriesNumbers = ReadonlyMap<string, Float64Array>;

export function seriesOf({ labels, values, width }: FamilyNumbers): Map<string, Float64Array> {
  return new Map(labels.map((each, index) => [each, values.subarray(index * width, (index + 1) * width)]));
}
