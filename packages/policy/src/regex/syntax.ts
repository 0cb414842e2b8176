/** The parsed form of a regular expression. */
export type RegexNode =
  /** One character within `ranges`: low, high, low, high…, both inclusive, as code points. */
  | { readonly kind: 'set'; readonly ranges: readonly number[] }
  | { readonly kind: 'sequence'; readonly of: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly of: readonly RegexNode[] }
  /** `max` may be Infinity. Greed is of no account when only the whole text counts. */
  | { readonly kind: 'repeat'; readonly of: RegexNode; readonly min: number; readonly max: number }
  | { readonly kind: 'assertion'; readonly of: Assertion };

export type Assertion =
  | 'text-start'
  | 'text-end'
  | 'line-start'
  | 'line-end'
  | 'word-boundary'
  | 'not-word-boundary';

export class RegexSyntaxError extends Error {
  readonly code = 'regex_syntax';

  constructor(problem: string, position: number) {
    super(`${problem} at position ${position}`);
    this.name = 'RegexSyntaxError';
  }
}
