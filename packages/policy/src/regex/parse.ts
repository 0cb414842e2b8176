import { anyChar, type CharRanges, foldCase, notNewline } from './char-set.ts';
import { parseBracket } from './parse-bracket.ts';
import { parseEscape } from './parse-escape.ts';
import { Scanner } from './scanner.ts';
import type { RegexNode } from './syntax.ts';

/** Groups deeper than this are refused: the parser recurses. */
const maxDepth = 64;
const maxRepeat = 1000;

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
}

const noFlags: Flags = { ignoreCase: false, multiLine: false, dotAll: false };

/**
 * Parses the dialect of the control plane's validation (Rust's `regex`): Perl syntax without look-around and
 * back-references. `\d`, `\w`, `\s`, `\b` and `(?i)` know ASCII only; Unicode classes (`\p`), set operations
 * inside brackets and the flag `x` are refused. Throws RegexSyntaxError.
 */
export function parseRegex(pattern: string): RegexNode {
  const scanner = new Scanner(pattern);
  const node = parseChoice(scanner, noFlags, 0);
  if (!scanner.done) scanner.fail('unopened group');
  return node;
}

function parseChoice(scanner: Scanner, outer: Flags, depth: number): RegexNode {
  if (depth > maxDepth) scanner.fail(`groups nested deeper than ${maxDepth}`);
  const choices: RegexNode[] = [];
  let sequence: RegexNode[] = [];
  let flags = outer;
  while (!scanner.done && !scanner.sees(')')) {
    if (scanner.take('|')) {
      choices.push({ kind: 'sequence', of: sequence });
      sequence = [];
    } else if (scanner.take('(')) {
      const inner = parseGroupHead(scanner, flags);
      if (inner.bare) {
        // `(?i)` holds to the end of the enclosing group, across alternatives.
        flags = inner.flags;
        continue;
      }
      const group = parseChoice(scanner, inner.flags, depth + 1);
      if (!scanner.take(')')) scanner.fail('unclosed group');
      sequence.push(parseRepeats(scanner, group));
    } else {
      sequence.push(parseRepeats(scanner, parseAtom(scanner, flags)));
    }
  }
  if (choices.length === 0) return { kind: 'sequence', of: sequence };
  choices.push({ kind: 'sequence', of: sequence });
  return { kind: 'choice', of: choices };
}

/** What follows an opening parenthesis, up to where its content begins (or its end, for bare flags). */
function parseGroupHead(scanner: Scanner, outer: Flags): { flags: Flags; bare: boolean } {
  if (!scanner.take('?')) return { flags: outer, bare: false };
  if (scanner.take('=') || scanner.take('!') || scanner.take('<=') || scanner.take('<!')) {
    scanner.fail('look-around is not supported');
  }
  if (scanner.take('P<') || scanner.take('<')) {
    if (!/^[A-Za-z_][\w.[\]]*$/.test(scanner.takeUntil('>'))) scanner.fail('bad group name');
    return { flags: outer, bare: false };
  }
  let flags = outer;
  let value = true;
  for (;;) {
    const char = scanner.next();
    if (char === ':') return { flags, bare: false };
    if (char === ')') return { flags, bare: true };
    if (char === '-' && value) value = false;
    else if (char === 'i') flags = { ...flags, ignoreCase: value };
    else if (char === 'm') flags = { ...flags, multiLine: value };
    else if (char === 's') flags = { ...flags, dotAll: value };
    else if (char !== 'U' && char !== 'u') scanner.fail(`unsupported flag ${JSON.stringify(char)}`);
  }
}

function parseAtom(scanner: Scanner, flags: Flags): RegexNode {
  const char = scanner.next();
  switch (char) {
    case '.':
      return { kind: 'set', ranges: flags.dotAll ? anyChar : notNewline };
    case '^':
      return { kind: 'assertion', of: flags.multiLine ? 'line-start' : 'text-start' };
    case '$':
      return { kind: 'assertion', of: flags.multiLine ? 'line-end' : 'text-end' };
    case '[':
      return set(parseBracket(scanner), flags);
    case '\\': {
      const escaped = parseEscape(scanner);
      return typeof escaped === 'string' ? { kind: 'assertion', of: escaped } : set(escaped, flags);
    }
    case '*':
    case '+':
    case '?':
    case '{':
      return scanner.fail('nothing to repeat');
    default: {
      const code = char.codePointAt(0)!;
      return set([code, code], flags);
    }
  }
}

function parseRepeats(scanner: Scanner, atom: RegexNode): RegexNode {
  let node = atom;
  for (;;) {
    let min = 0;
    let max = Number.POSITIVE_INFINITY;
    if (scanner.take('+')) min = 1;
    else if (scanner.take('?')) max = 1;
    else if (scanner.take('{')) [min, max] = parseBounds(scanner);
    else if (!scanner.take('*')) return node;
    scanner.take('?');
    node = { kind: 'repeat', of: node, min, max };
  }
}

function parseBounds(scanner: Scanner): [number, number] {
  const bounds = /^\s*(\d+)\s*(?:(,)\s*(\d*)\s*)?$/.exec(scanner.takeUntil('}'));
  if (bounds === null) return scanner.fail('bad repetition');
  const min = Number(bounds[1]);
  const max = bounds[2] === undefined ? min : bounds[3] === '' ? Number.POSITIVE_INFINITY : Number(bounds[3]);
  if (min > max) return scanner.fail('repetition with its bounds reversed');
  if (min > maxRepeat || (max !== Number.POSITIVE_INFINITY && max > maxRepeat)) {
    return scanner.fail(`repetition above ${maxRepeat}`);
  }
  return [min, max];
}

function set(ranges: CharRanges, flags: Flags): RegexNode {
  return { kind: 'set', ranges: flags.ignoreCase ? foldCase(ranges) : ranges };
}
