/** When this thread's `performance.now()` showed 0, by the clock of the system (milliseconds). */
export function clockZero(): number {
  // What passes between the two calls is missing from the difference: the greatest of many is nearest.
  let zero = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < 50; i++) zero = Math.max(zero, systemNow() - performance.now());
  return zero;
}

/** The clock of the thread whose zero that is, as this thread can tell it. */
export function clockOf(zero: number): () => number {
  const ahead = clockZero() - zero;
  return () => performance.now() + ahead;
}

const systemNow = (): number => Number(process.hrtime.bigint()) / 1e6;
