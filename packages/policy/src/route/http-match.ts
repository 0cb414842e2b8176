import type { Regex } from '../regex/regex.ts';

export type PathMatch =
  | { readonly kind: 'exact'; readonly path: string }
  /** Whole segments; without trailing slashes, so '' stands for '/', which takes every path. */
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'regex'; readonly regex: Regex };

/** The whole text equals `text`, or the whole text matches `regex`. */
export type ValueMatch =
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'regex'; readonly regex: Regex };

export interface HeaderMatch {
  /** Lower case. */
  readonly name: string;
  readonly value: ValueMatch;
}

export interface QueryParamMatch {
  readonly name: string;
  readonly value: ValueMatch;
}

/** All of it must hold. */
export interface HttpMatch {
  readonly path: PathMatch;
  readonly headers: readonly HeaderMatch[];
  readonly queryParams: readonly QueryParamMatch[];
  readonly method: string | null;
}
