import { type ApiClient, reviewToken, type TokenReview } from '@weft/kubernetes';
import { parseUsername } from '../identity-name.ts';
import { identityAudience, type TokenValidator, type TokenVerdict } from './token-validator.ts';

/** Far more than a service account's token has, which is about 1 KB. */
const maxTokenBytes = 16 * 1024;

/** A token as it may stand in an Authorization header (RFC 6750, 2.1). */
const tokenText = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * Asks the API server whose token it is, every time: an answer that was remembered could outlive the token, its
 * pod or its service account, and a proxy asks once in hours. (The server itself remembers for seconds.)
 */
export class TokenReviewValidator implements TokenValidator {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async validate(token: Uint8Array, signal: AbortSignal): Promise<TokenVerdict> {
    if (token.length > maxTokenBytes) return invalid(`it has over ${maxTokenBytes} bytes`);
    const text = Buffer.from(token).toString('latin1').trim();
    if (!tokenText.test(text)) return invalid('it has characters that no token has');
    return verdictOf(await this.#review(text, signal));
  }

  /**
   * Pods without a projected token send the one for the API server itself. It names another audience, so it is
   * reviewed again for whatever audience the API server has, which is also what refuses any third one.
   */
  async #review(token: string, signal: AbortSignal): Promise<TokenReview> {
    const review = await reviewToken(this.#api, token, [identityAudience], signal);
    if (!review.error.includes('token audiences')) return granted(review);
    return reviewToken(this.#api, token, [], signal);
  }
}

/** An authenticator that knows of audiences names those it found; one that is not ours is none. */
function granted(review: TokenReview): TokenReview {
  const { authenticated, audiences } = review;
  const isOurs = audiences.length === 0 || audiences.includes(identityAudience);
  return authenticated && !isOurs ? { ...review, authenticated: false } : review;
}

function verdictOf({ authenticated, username, error }: TokenReview): TokenVerdict {
  if (error !== '') return invalid(error);
  if (!authenticated)
    return { kind: 'unauthenticated', reason: 'the API server does not know whose token it is' };
  const account = parseUsername(username);
  return account === undefined
    ? invalid(`its user ${JSON.stringify(username)} is no service account with a name of one label`)
    : { kind: 'authenticated', account };
}

function invalid(reason: string): TokenVerdict {
  return { kind: 'invalid', reason };
}
