/** The beginning of a list, and how long it is. */
export interface Listed<T> {
  readonly total: number;
  readonly shown: readonly T[];
}

/** Describes the first `limit` of all. */
export function listed<S, T>(all: Iterable<S>, limit: number, describe: (each: S) => T): Listed<T> {
  const shown: T[] = [];
  let total = 0;
  for (const each of all) {
    if (total++ < limit) shown.push(describe(each));
  }
  return { total, shown };
}

const longest = 256;

/** A text of somebody else's, which may be of any length. */
export const clipped = (text: string): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`;

/** Whole milliseconds as seconds. */
export const seconds = (ms: number): number => Math.round(ms) / 1000;
