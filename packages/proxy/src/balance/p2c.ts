/** What the choice needs to know of an endpoint. */
export interface Loaded {
  load(now: number): number;
}

/** Power of two choices: of two different random candidates the less loaded one; the first drawn at a tie. */
export function pickTwo<T extends Loaded>(ready: readonly T[], now: number, random: () => number): T | null {
  const count = ready.length;
  if (count === 0) return null;
  if (count === 1) return ready[0];
  const first = Math.floor(random() * count);
  const step = 1 + Math.floor(random() * (count - 1));
  const a = ready[first];
  const b = ready[(first + step) % count];
  return b.load(now) < a.load(now) ? b : a;
}
