import type { Kind, Resource } from '../kinds.ts';
import { type ObjectMeta, objectMetaSchema } from '../resources/metadata.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError, isApiError } from './api-error.ts';
import { acceptFor, apiResources, apiVersionOf, resourcePath } from './api-resources.ts';

/**
 * The metadata of one object, asked of the server now: for an owner that an index does not have yet. Undefined
 * when there is no such object. @throws ApiError
 */
export async function fetchMetadata(
  api: ApiClient,
  { kind, namespace, name }: { readonly kind: Kind; readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<ObjectMeta | undefined> {
  const resource = apiResources[kind];
  const path = resourcePath(apiVersionOf(kind, resource.versions[0]), resource.plural, { namespace, name });
  let answer: unknown;
  try {
    answer = await api.call({
      path,
      accept: acceptFor({ ...resource, read: 'metadata' }, 'object'),
      silenceMs: 5_000,
      signal,
    });
  } catch (error) {
    if (isApiError(error, 'not_found')) return undefined;
    throw error;
  }
  const parsed = objectMetaSchema.safeParse((answer as Partial<Resource> | null)?.metadata);
  if (!parsed.success)
    throw new ApiError('malformed', 'the answer has no metadata', { target: `GET ${path}` }, parsed.error);
  return parsed.data;
}
