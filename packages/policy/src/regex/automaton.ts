import { contains, word } from './char-set.ts';
import type { Instruction, Program } from './program.ts';
import type { Assertion } from './syntax.ts';

/** What lies beside a position, as far as assertions care. */
type Beside = 'edge' | 'newline' | 'word' | 'other';

/** States beyond this are forgotten and built again when needed. */
const maxCachedStates = 256;

interface State {
  /** Sorted indices of instructions reached, before assertions are looked at. */
  readonly threads: readonly number[];
  readonly before: Beside;
  /** By ASCII character, filled as they come. */
  readonly next: (State | undefined)[];
}

/**
 * Runs a program over all alternatives at once, so that a text of n characters costs O(n × instructions) at
 * worst; the sets of alternatives met are kept as states, so that it mostly costs n table look-ups.
 */
export class Automaton {
  readonly #instructions: readonly Instruction[];
  readonly #start: State;
  readonly #visited: Uint32Array;
  #visit = 0;
  #states = new Map<string, State>();

  constructor(program: Program) {
    this.#instructions = program.instructions;
    this.#visited = new Uint32Array(program.instructions.length);
    this.#start = { threads: [program.start], before: 'edge', next: [] };
  }

  matchesWhole(text: string): boolean {
    let state = this.#start;
    for (let i = 0; i < text.length; i += 1) {
      const char = text.codePointAt(i)!;
      if (char > 0xffff) i += 1;
      state = (char < 128 ? state.next[char] : undefined) ?? this.#step(state, char);
      if (state.threads.length === 0) return false;
    }
    return this.#follow(state, 'edge').some((index) => this.#instructions[index]!.op === 'match');
  }

  #step(state: State, char: number): State {
    const threads: number[] = [];
    for (const index of this.#follow(state, classify(char))) {
      const instruction = this.#instructions[index]!;
      if (instruction.op === 'set' && contains(instruction.ranges, char)) threads.push(instruction.next);
    }
    const next = this.#intern(
      [...new Set(threads)].sort((a, b) => a - b),
      classify(char),
    );
    if (char < 128) state.next[char] = next;
    return next;
  }

  #intern(threads: number[], before: Beside): State {
    const key = `${before} ${threads.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= maxCachedStates) {
      this.#states = new Map();
      this.#start.next.length = 0;
    }
    const state: State = { threads, before, next: [] };
    this.#states.set(key, state);
    return state;
  }

  /** The consuming (and matching) instructions reached without consuming, given the character that follows. */
  #follow(state: State, after: Beside): number[] {
    this.#visit += 1;
    const reached: number[] = [];
    const pending = [...state.threads];
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      if (this.#visited[index] === this.#visit) continue;
      this.#visited[index] = this.#visit;
      const instruction = this.#instructions[index]!;
      if (instruction.op === 'split') pending.push(...instruction.targets);
      else if (instruction.op !== 'assert') reached.push(index);
      else if (holds(instruction.assertion, state.before, after)) pending.push(instruction.next);
    }
    return reached;
  }
}

function classify(char: number): Beside {
  if (char === 10) return 'newline';
  return contains(word, char) ? 'word' : 'other';
}

function holds(assertion: Assertion, before: Beside, after: Beside): boolean {
  switch (assertion) {
    case 'text-start':
      return before === 'edge';
    case 'text-end':
      return after === 'edge';
    case 'line-start':
      return before === 'edge' || before === 'newline';
    case 'line-end':
      return after === 'edge' || after === 'newline';
    case 'word-boundary':
      return (before === 'word') !== (after === 'word');
    case 'not-word-boundary':
      return (before === 'word') === (after === 'word');
  }
}
