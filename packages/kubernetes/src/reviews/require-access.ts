import type { ApiClient } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';
import { backoffMs } from '../api/backoff.ts';
import type { Log } from '../api/log.ts';
import { pause } from '../api/pause.ts';
import { type Access, type AccessVerdict, accessText, reviewAccess } from './access-review.ts';

/** The service account lacks a permission without which the service is of no use. */
export class AccessDenied extends Error {
  readonly code = 'access_denied';
  readonly access: Access;

  constructor(access: Access, reason: string) {
    super(
      `this service may not ${accessText(access)}${reason === '' ? '' : ` (${reason})`}: grant it to its service account by a ClusterRole`,
    );
    this.name = 'AccessDenied';
    this.access = access;
  }
}

const BACKOFF = { minMs: 500, maxMs: 5_000 };

/**
 * Makes sure of a permission before a service starts. As long as the API server cannot be asked it is asked
 * again. @throws AccessDenied; ConnectionError when there is nothing to ask with; the signal's reason.
 */
export async function requireAccess(
  api: ApiClient,
  access: Access,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  for (let failures = 0; ; ) {
    let verdict: AccessVerdict;
    try {
      verdict = await reviewAccess(api, access, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError)) throw error;
      failures += 1;
      if (failures === 1) log.warn('the API server cannot be asked for permissions; trying again', { error });
      await pause(backoffMs(failures, BACKOFF, Math.random()), signal);
      signal.throwIfAborted();
      continue;
    }
    if (verdict.type === 'denied') throw new AccessDenied(access, verdict.reason);
    return;
  }
}
