/** The outcome of reading one annotation's text: a value, or why there is none. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string };

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** `problem` completes the sentence "… is not …", for instance `a boolean`. */
export function unparsable(problem: string): { ok: false; problem: string } {
  return { ok: false, problem };
}
