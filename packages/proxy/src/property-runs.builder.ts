/**
 * How often a property is tried: as told, or as often as `WEFT_PROPERTY_RUNS` says, for a long run. What fails is
 * printed with its seed; the example belongs into a corpus, or a test of its own.
 */
export const propertyRuns = (count: number): { numRuns: number } => ({
  numRuns: Number(process.env.WEFT_PROPERTY_RUNS ?? count),
});
