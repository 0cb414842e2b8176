import { z } from 'zod';
import type { ApiClient } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';

/** What the API server says about a token. */
export interface TokenReview {
  readonly authenticated: boolean;
  /** `system:serviceaccount:NAMESPACE:NAME`; empty when not authenticated. */
  readonly username: string;
  /** Of those asked for, the audiences that the token is for; empty when the server does not say. */
  readonly audiences: readonly string[];
  /** Why the token could not be checked, or is none; empty otherwise. */
  readonly error: string;
}

const PATH = '/apis/authentication.k8s.io/v1/tokenreviews';

const reviewSchema = z.looseObject({
  status: z.looseObject({
    authenticated: z.boolean().default(false),
    user: z.looseObject({ username: z.string().default('') }).prefault({}),
    audiences: z.array(z.string()).nullish(),
    error: z.string().default(''),
  }),
});

/** Asks the API server whose token it is. No audiences: those of the API server itself. @throws ApiError */
export async function reviewToken(
  api: ApiClient,
  token: string,
  audiences: readonly string[],
  signal: AbortSignal,
): Promise<TokenReview> {
  const answer = await api.call({
    method: 'POST',
    path: PATH,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, ...(audiences.length === 0 ? {} : { audiences }) },
    },
    repeatable: true,
    silenceMs: 10_000,
    signal,
  });
  const parsed = reviewSchema.safeParse(answer);
  // Without the cause: the answer repeats the token.
  if (!parsed.success)
    throw new ApiError('malformed', 'the answer is not a TokenReview', { target: `POST ${PATH}` });
  const { authenticated, user, audiences: granted, error } = parsed.data.status;
  return { authenticated, username: user.username, audiences: granted ?? [], error };
}
