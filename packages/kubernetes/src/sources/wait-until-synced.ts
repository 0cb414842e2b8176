import { allKinds } from '../kinds.ts';
import type { ResourceSource } from './source.ts';

/** Resolves when the source has delivered its first complete listing; rejects when the signal is aborted first. */
export function waitUntilSynced(source: ResourceSource, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  signal.throwIfAborted();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const stop = source.watch(allKinds, { changed: () => {}, synced: resolve });
  return promise.finally(() => {
    stop();
    signal.removeEventListener('abort', abort);
  });
}
