/** Longer texts are compared by their first characters only, which bounds the work per annotation. */
const COMPARED_LENGTH = 80;

/** Levenshtein's distance: insertions, deletions and replacements of single characters. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

function nameOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

/** The candidate that a misspelt key most likely means, if any is within a third of its name's length. */
export function nearest(key: string, candidates: readonly string[]): string | undefined {
  const text = key.slice(0, COMPARED_LENGTH);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(nameOf(text).length / 3)) + 1;
  for (const candidate of candidates) {
    // A right name in a wrong group is the nearest there is.
    const apart = nameOf(candidate) === nameOf(text) ? 0 : distance(text, candidate);
    if (apart < bestDistance) [best, bestDistance] = [candidate, apart];
  }
  return best;
}
