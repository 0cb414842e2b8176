import { createRelease, returnMemoryWhenIdle } from '../lifecycle/return-memory.ts';
import { trimMemory } from '../transport/libc.ts';
import type { Runtime } from './runtime.ts';

/** Gives back what a burst of traffic has left behind; `alsoElsewhere` has the other threads do so. */
export function keepMemorySmall({ clock }: Runtime, alsoElsewhere: () => void): void {
  const cpuMs = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const release = createRelease(trimMemory);
  returnMemoryWhenIdle({
    cpuMs,
    residentBytes: () => process.memoryUsage.rss(),
    release: () => {
      alsoElsewhere();
      release();
    },
    clock,
  });
}
