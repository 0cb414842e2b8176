export function parseBoolean(text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new Error('not a boolean: exactly true or false');
}

/** A decimal number without sign or fraction. */
export function parseCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw new Error('not a number: decimal digits only');
  return count;
}

/** A share or a factor, as `0.1`. */
export function parseDecimal(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new Error('not a decimal number');
  return value;
}

export function parseText(text: string): string {
  return text;
}

export function parseNonEmpty(text: string): string {
  if (text.trim() === '') throw new Error('must not be empty');
  return text;
}

/** One of some words, as written. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new Error(`not one of ${words.join(', ')}`);
    return word;
  };
}
