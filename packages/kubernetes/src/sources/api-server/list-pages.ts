import { z } from 'zod';
import type { ApiClient } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';

export interface Page {
  readonly items: readonly unknown[];
  /** Of the whole list, the same on every page: a watch goes on from it. */
  readonly resourceVersion: string;
}

const listSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().min(1), continue: z.string().default('') }),
  items: z.array(z.unknown()).nullable(),
});

/** All objects of a collection, a page at a time, so that no answer is larger than a page. */
export async function* listPages(
  api: ApiClient,
  { path, accept, pageSize }: { readonly path: string; readonly accept: string; readonly pageSize: number },
  signal: AbortSignal,
): AsyncGenerator<Page> {
  let next = '';
  do {
    const query = { limit: pageSize, continue: next || undefined };
    const parsed = listSchema.safeParse(await api.call({ path, accept, query, signal }));
    if (!parsed.success)
      throw new ApiError('malformed', 'the answer is not a list', { target: `LIST ${path}` }, parsed.error);
    const { items, metadata } = parsed.data;
    yield { items: items ?? [], resourceVersion: metadata.resourceVersion };
    next = metadata.continue;
  } while (next !== '');
}
