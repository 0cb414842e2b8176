/** When this thread's `performance.now()` showed 0, by the clock of the system (milliseconds). */
export function clockZero(): number {
  // Between the two calls the thread may lose its core: the nearest of a few is right.
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) nearest = Math.min(nearest, systemNow() - performance.now());
  return nearest;
}

/** The clock of the thread whose zero that is, as this thread can tell it. */
export function clockOf(zero: number): () => number {
  const ahead = clockZero() - zero;
  return () => performance.now() + ahead;
}

const systemNow = (): number => Number(process.hrtime.bigint()) / 1e6;
