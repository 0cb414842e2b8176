import type { Difference } from './difference.builder.ts';

/** A difference that is meant, by its name in docs/differences.md. */
export interface Deliberate {
  readonly name: string;
  readonly why: string;
  readonly covers: (difference: Difference) => boolean;
}

export const deliberate: readonly Deliberate[] = [];
