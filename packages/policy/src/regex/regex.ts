import { Automaton } from './automaton.ts';
import { parseRegex } from './parse.ts';
import { buildProgram } from './program.ts';

/** A compiled regular expression. Matching takes time linear in the text, whatever the pattern. */
export interface Regex {
  readonly pattern: string;
  /** Whether the whole text matches. */
  matches(text: string): boolean;
}

/** Longer patterns are refused. */
export const maxPatternLength = 4096;

export type CompiledRegex = { readonly regex: Regex } | { readonly problem: string };

/** Compiles a pattern in the dialect of `parseRegex`, or says what is wrong with it. */
export function compileRegex(pattern: string): CompiledRegex {
  if (pattern.length > maxPatternLength) {
    return { problem: `is longer than ${maxPatternLength} characters` };
  }
  try {
    const automaton = new Automaton(buildProgram(parseRegex(pattern)));
    return { regex: { pattern, matches: (text) => automaton.matchesWhole(text) } };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
