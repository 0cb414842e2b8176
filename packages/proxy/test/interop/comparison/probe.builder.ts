import type { ComparedWorld } from './compared-world.builder.ts';
import type { Observed } from './observed.builder.ts';

/** One thing that is asked of both proxies. */
export interface Probe {
  readonly name: string;
  readonly ask: (world: ComparedWorld) => Promise<Observed>;
}

export const probe = (name: string, ask: Probe['ask']): Probe => ({ name, ask });

/** Several answers as one. */
export function together(parts: Record<string, Observed>): Observed {
  const all: Record<string, string> = {};
  for (const [part, observed] of Object.entries(parts))
    for (const [field, value] of Object.entries(observed)) all[`${part}: ${field}`] = value;
  return all;
}
