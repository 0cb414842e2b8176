/** Sets of code points as flat, inclusive ranges: low, high, low, high… */
export type CharRanges = readonly number[];

const maxCodePoint = 0x10ffff;

export const digit: CharRanges = [48, 57];
export const word: CharRanges = [48, 57, 65, 90, 95, 95, 97, 122];
export const space: CharRanges = [9, 13, 32, 32];
export const anyChar: CharRanges = [0, maxCodePoint];
export const notNewline: CharRanges = [0, 9, 11, maxCodePoint];

/** The classes of `[[:name:]]`. */
export const posixClasses: Readonly<Record<string, CharRanges>> = {
  alnum: [48, 57, 65, 90, 97, 122],
  alpha: [65, 90, 97, 122],
  ascii: [0, 127],
  blank: [9, 9, 32, 32],
  cntrl: [0, 31, 127, 127],
  digit,
  graph: [33, 126],
  lower: [97, 122],
  print: [32, 126],
  punct: [33, 47, 58, 64, 91, 96, 123, 126],
  space,
  upper: [65, 90],
  word,
  xdigit: [48, 57, 65, 70, 97, 102],
};

export function contains(ranges: CharRanges, char: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (char >= ranges[i]! && char <= ranges[i + 1]!) return true;
  return false;
}

export function negate(ranges: CharRanges): CharRanges {
  const sorted = normalize(ranges);
  const out: number[] = [];
  let from = 0;
  for (let i = 0; i < sorted.length; i += 2) {
    if (sorted[i]! > from) out.push(from, sorted[i]! - 1);
    from = sorted[i + 1]! + 1;
  }
  if (from <= maxCodePoint) out.push(from, maxCodePoint);
  return out;
}

/** Adds the other case of every ASCII letter within. */
export function foldCase(ranges: CharRanges): CharRanges {
  const out = [...ranges];
  for (let i = 0; i < ranges.length; i += 2) {
    addShifted(out, ranges[i]!, ranges[i + 1]!, 65, 90, 32);
    addShifted(out, ranges[i]!, ranges[i + 1]!, 97, 122, -32);
  }
  return out;
}

function addShifted(out: number[], low: number, high: number, from: number, to: number, shift: number): void {
  const start = Math.max(low, from);
  const end = Math.min(high, to);
  if (start <= end) out.push(start + shift, end + shift);
}

function normalize(ranges: CharRanges): number[] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const out: number[] = [];
  for (const [low, high] of pairs) {
    if (out.length > 0 && low <= out[out.length - 1]! + 1) {
      out[out.length - 1] = Math.max(high, out[out.length - 1]!);
    } else out.push(low, high);
  }
  return out;
}
