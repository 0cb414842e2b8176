import type { ApiClient } from '../api/api-client.ts';
import { apiResources, resourcePath } from '../api/api-resources.ts';
import type { Kind, ResourceByKind } from '../kinds.ts';

export interface PatchStatusOptions {
  /** Who owns the fields: `linkerd.io/policy-controller`. */
  readonly fieldManager: string;
  /** Default 5000. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Writes the status of an object by a JSON merge patch of its `status` subresource; lists in it replace those
 * of the server. @throws ApiError: `not_found` when the object is gone.
 */
export async function patchStatus<K extends Kind>(
  api: ApiClient,
  kind: K,
  { apiVersion, metadata: { namespace, name } }: ResourceByKind[K],
  status: object,
  { fieldManager, timeoutMs = 5_000, signal }: PatchStatusOptions,
): Promise<void> {
  await api.call({
    method: 'PATCH',
    path: resourcePath(apiVersion, apiResources[kind].plural, { namespace, name, subresource: 'status' }),
    query: { fieldManager },
    contentType: 'application/merge-patch+json',
    body: { status },
    repeatable: true,
    silenceMs: timeoutMs,
    signal,
  });
}
