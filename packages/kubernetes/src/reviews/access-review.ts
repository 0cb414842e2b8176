import { z } from 'zod';
import type { ApiClient } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';

/** What this process wants to be allowed to do. */
export interface Access {
  /** `list`, `watch`, `create`, … */
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** Plural: `pods`. */
  readonly resource: string;
  readonly subresource?: string;
  /** Absent: in all namespaces. */
  readonly namespace?: string;
}

export type AccessVerdict =
  | { readonly type: 'allowed' }
  | { readonly type: 'denied'; readonly reason: string };

const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

const reviewSchema = z.looseObject({
  status: z.looseObject({ allowed: z.boolean(), reason: z.string().default('') }),
});

/** Asks the API server what this process may do. @throws ApiError when it cannot be found out. */
export async function reviewAccess(
  api: ApiClient,
  access: Access,
  signal: AbortSignal,
): Promise<AccessVerdict> {
  const answer = await api.call({
    method: 'POST',
    path: PATH,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: access },
    },
    repeatable: true,
    signal,
  });
  const parsed = reviewSchema.safeParse(answer);
  if (!parsed.success)
    throw new ApiError(
      'malformed',
      'the answer is not a SelfSubjectAccessReview',
      { target: `POST ${PATH}` },
      parsed.error,
    );
  const { allowed, reason } = parsed.data.status;
  return allowed ? { type: 'allowed' } : { type: 'denied', reason };
}

/** `create tokenreviews.authentication.k8s.io` */
export function accessText({ verb, group, resource, subresource, namespace }: Access): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${verb} ${what}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
