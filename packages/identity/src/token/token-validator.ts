import type { ServiceAccount } from '../identity-name.ts';

/** What a token turned out to be. */
export type TokenVerdict =
  | { readonly kind: 'authenticated'; readonly account: ServiceAccount }
  /** No valid proof of anyone: a wrong signature, an expired token, another audience. */
  | { readonly kind: 'unauthenticated'; readonly reason: string }
  /** Not a service account's token at all. */
  | { readonly kind: 'invalid'; readonly reason: string };

/**
 * Tells whom a token speaks for: in a cluster the API server knows (`TokenReviewValidator`), elsewhere the token
 * itself is asked (`LocalTokenValidator`).
 */
export interface TokenValidator {
  /** @throws when it could not be found out; the request may then be repeated. */
  validate(token: Uint8Array, signal: AbortSignal): Promise<TokenVerdict>;
}

/** The audience of tokens that are meant for identity. */
export const identityAudience = 'identity.l5d.io';
