import { pause } from '../../harness/wait-for.ts';
import type { TestNamespace } from './test-namespace.ts';

/** How soon after the API server has accepted an edit it must be felt, in ms. */
export const FELT_WITHIN_MS = 2000;

/** Until the client asks again and again, in ms. */
const ASKS_AFTER_MS = 1500;

export interface Awaited {
  readonly client: string;
  readonly url: string;
  readonly status: string;
}

/** How long after an edit was accepted a client gets another status than before, in ms. */
export async function feltAfter(
  namespace: TestNamespace,
  { client, url, status }: Awaited,
  edit: () => Promise<unknown>,
): Promise<number> {
  const noticed = namespace.inside(client, 'until-status.mjs', url, status, '20000');
  await pause(ASKS_AFTER_MS);
  const begun = Date.now();
  await edit();
  const accepted = Date.now();
  const at = Number(await noticed);
  if (at < begun) throw new Error(`${client} got ${status} from ${url} before anything was changed`);
  return at - accepted;
}
