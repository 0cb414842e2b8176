import { type CharRanges, digit, negate, space, word } from './char-set.ts';
import type { Scanner } from './scanner.ts';
import type { Assertion } from './syntax.ts';

const classes: Readonly<Record<string, CharRanges>> = {
  d: digit,
  D: negate(digit),
  w: word,
  W: negate(word),
  s: space,
  S: negate(space),
};
const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const assertions: Readonly<Record<string, Assertion>> = {
  A: 'text-start',
  z: 'text-end',
  b: 'word-boundary',
  B: 'not-word-boundary',
};
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** What follows a backslash. */
export function parseEscape(scanner: Scanner): CharRanges | Assertion {
  const char = scanner.next();
  if (Object.hasOwn(assertions, char)) return assertions[char]!;
  return classEscape(scanner, char);
}

/** What follows a backslash inside brackets. */
export function parseClassEscape(scanner: Scanner): CharRanges {
  return classEscape(scanner, scanner.next());
}

function classEscape(scanner: Scanner, char: string): CharRanges {
  if (Object.hasOwn(classes, char)) return classes[char]!;
  if (Object.hasOwn(controls, char)) return [controls[char]!, controls[char]!];
  if (Object.hasOwn(hexLengths, char)) {
    const code = parseHex(scanner, hexLengths[char]!);
    return [code, code];
  }
  if (/[0-9]/.test(char)) return scanner.fail('back-references are not supported');
  if (/[A-Za-z<>]/.test(char) || char.charCodeAt(0) > 127) return scanner.fail(`unknown escape \\${char}`);
  return [char.charCodeAt(0), char.charCodeAt(0)];
}

function parseHex(scanner: Scanner, length: number): number {
  let digits = '';
  if (scanner.take('{')) digits = scanner.takeUntil('}');
  else for (let i = 0; i < length; i += 1) digits += scanner.next();
  const code = /^[0-9A-Fa-f]{1,8}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    scanner.fail('bad hexadecimal escape');
  return code;
}
