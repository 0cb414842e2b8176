import { setImmediate } from 'node:timers/promises';

const LIMIT_MS = 10_000;

/** Waits, while everything else goes on, until it is true; fails after 10 s, so that nothing spins for ever. */
export async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`not true after ${LIMIT_MS / 1000} s: ${isTrue}`);
    await setImmediate();
  }
}
