import type { CharRanges } from './char-set.ts';
import type { Assertion, RegexNode } from './syntax.ts';

/** A nondeterministic automaton; targets are indices of instructions. */
export type Instruction =
  | { readonly op: 'set'; readonly ranges: CharRanges; readonly next: number }
  | { readonly op: 'assert'; readonly assertion: Assertion; readonly next: number }
  | { readonly op: 'split'; readonly targets: readonly number[] }
  | { readonly op: 'match' };

export interface Program {
  readonly start: number;
  readonly instructions: readonly Instruction[];
}

/** Counted repetition multiplies: the automaton's size bounds the work for each character. */
const maxInstructions = 2000;

export class RegexTooLargeError extends Error {
  readonly code = 'regex_too_large';

  constructor() {
    super(`needs more than ${maxInstructions} states`);
    this.name = 'RegexTooLargeError';
  }
}

/** Builds the automaton from the end backwards, so that every target exists when it is named. */
export function buildProgram(node: RegexNode): Program {
  const instructions: Instruction[] = [];
  const emit = (instruction: Instruction): number => {
    if (instructions.length >= maxInstructions) throw new RegexTooLargeError();
    return instructions.push(instruction) - 1;
  };

  const build = (part: RegexNode, next: number): number => {
    switch (part.kind) {
      case 'set':
        return emit({ op: 'set', ranges: part.ranges, next });
      case 'assertion':
        return emit({ op: 'assert', assertion: part.of, next });
      case 'sequence':
        return part.of.reduceRight((after, item) => build(item, after), next);
      case 'choice':
        return emit({ op: 'split', targets: part.of.map((item) => build(item, next)) });
      case 'repeat':
        return buildRepeat(part.of, part.min, part.max, next);
    }
  };

  const buildRepeat = (part: RegexNode, min: number, max: number, next: number): number => {
    let after = next;
    if (max === Number.POSITIVE_INFINITY) {
      const targets = [next];
      after = emit({ op: 'split', targets });
      targets.push(build(part, after));
    } else {
      for (let i = min; i < max; i += 1) after = emit({ op: 'split', targets: [build(part, after), next] });
    }
    for (let i = 0; i < min; i += 1) after = build(part, after);
    return after;
  };

  const match = emit({ op: 'match' });
  return { start: build(node, match), instructions };
}
