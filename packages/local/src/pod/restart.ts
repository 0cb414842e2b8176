import type { ContainerExit } from './container-process.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export function restarts(policy: RestartPolicy, { code }: ContainerExit): boolean {
  return policy === 'Always' || (policy === 'OnFailure' && code !== 0);
}

const FIRST_MS = 500;
const MAX_MS = 10_000;
/** A container that ran this long starts over with the shortest wait. */
const STEADY_MS = 60_000;

/** Milliseconds to wait before a restart: half a second, doubling to ten, for containers that end soon again. */
export function restartDelay(quickEnds: number): number {
  return Math.min(MAX_MS, FIRST_MS * 2 ** Math.max(0, quickEnds - 1));
}

/** How many runs in a row have ended soon, counting one that lasted `ranMs`. */
export function countQuickEnds(before: number, ranMs: number): number {
  return ranMs >= STEADY_MS ? 1 : before + 1;
}
