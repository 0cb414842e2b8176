import { createRelease, returnMemoryWhenIdle } from '../lifecycle/return-memory.ts';
import { trimMemory } from '../transport/libc.ts';
import type { Runtime } from './runtime.ts';

/** Gives back what a burst of traffic has left behind. */
export function keepMemorySmall({ clock }: Runtime): void {
  const cpuMs = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  returnMemoryWhenIdle({
    cpuMs,
    residentBytes: () => process.memoryUsage.rss(),
    release: createRelease(trimMemory),
    clock,
  });
}
