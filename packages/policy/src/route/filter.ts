/** Flat pairs, as in HeaderList. */
export interface HeaderModifier {
  readonly add: readonly string[];
  readonly set: readonly string[];
  readonly remove: readonly string[];
}

export interface Redirect {
  /** null: the request's own. */
  readonly scheme: string | null;
  /** null: the request's own. */
  readonly host: string | null;
  /** 0: the request's own. */
  readonly port: number;
  /** `prefix` replaces the matched path prefix and needs a rule that matched one. */
  readonly path: { readonly kind: 'full' | 'prefix'; readonly value: string } | null;
  readonly status: number;
}

/** Fails `numerator` of `denominator` requests. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** A filter this version does not know: the request must fail rather than skip it. */
export interface UnknownFilter {
  readonly kind: 'unknown';
}

export type HttpFilter =
  | { readonly kind: 'request-headers'; readonly modifier: HeaderModifier }
  | { readonly kind: 'response-headers'; readonly modifier: HeaderModifier }
  | { readonly kind: 'redirect'; readonly redirect: Redirect }
  | { readonly kind: 'fail-http'; readonly status: number; readonly message: string; readonly ratio: Ratio }
  | UnknownFilter;

export type GrpcFilter =
  | { readonly kind: 'request-headers'; readonly modifier: HeaderModifier }
  | { readonly kind: 'fail-grpc'; readonly code: number; readonly message: string; readonly ratio: Ratio }
  | UnknownFilter;

/** Refuses a connection: opaque and TLS routes have no other filters. */
export type ConnectionFilter =
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'forbidden' }
  | UnknownFilter;
