import { type Parsed, parsed, unparsable } from './parsed.ts';

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** The spellings Go's `strconv.ParseBool` knows. */
export function parseBoolean(text: string): Parsed<boolean> {
  if (TRUE.has(text)) return parsed(true);
  if (FALSE.has(text)) return parsed(false);
  return unparsable('a boolean (true or false)');
}

/** Exactly `enabled` or `disabled`. */
export function parseEnabled(text: string): Parsed<boolean> {
  if (text === 'enabled') return parsed(true);
  if (text === 'disabled') return parsed(false);
  return unparsable('"enabled" or "disabled"');
}

function integer(pattern: RegExp, low: number, high: number, name: string) {
  return (text: string): Parsed<number> => {
    const value = pattern.test(text) ? Number(text) : Number.NaN;
    return value >= low && value <= high ? parsed(value) : unparsable(name);
  };
}

/** A 32-bit decimal integer. */
export const parseInt32 = integer(/^[+-]?\d+$/, -(2 ** 31), 2 ** 31 - 1, 'a 32-bit integer');

/** A decimal integer as far as JavaScript is exact (2^53), beyond any user id. */
export const parseInt64 = integer(
  /^[+-]?\d+$/,
  Number.MIN_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER,
  'an integer',
);

/** A decimal integer without sign, as far as JavaScript is exact. */
export const parseUint64 = integer(/^\d+$/, 0, Number.MAX_SAFE_INTEGER, 'a non-negative integer');

/** A number strictly between 0 and 1. */
export function parseRatio(text: string): Parsed<number> {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return value > 0 && value < 1 ? parsed(value) : unparsable('a number between 0 and 1');
}

/** Any of a list of words, exactly. */
export function parseWord(words: readonly string[]) {
  return (text: string): Parsed<string> =>
    words.includes(text) ? parsed(text) : unparsable(`one of ${words.join(', ')}`);
}
