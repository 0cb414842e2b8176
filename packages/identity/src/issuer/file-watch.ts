import { type FSWatcher, watch } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@weft/service';

export interface FileWatchOptions {
  /** Directories whose entries are watched: a Kubernetes volume swaps its link `..data`, others rename or write. */
  readonly directories: readonly string[];
  /** Called after changes have settled, and at least this often in ms, for what no watcher sees. */
  readonly intervalMs: number;
  readonly onChange: () => Promise<void>;
  readonly logger: Logger;
}

/** Certificate and key are two writes: changes that follow within this time are taken together. */
const settleMs = 100;

/** Calls `onChange` for every change and on a timer, one call at a time, until `signal` aborts. */
export async function watchFiles(options: FileWatchOptions, signal: AbortSignal): Promise<void> {
  let changed = Promise.withResolvers<void>();
  const watchers = new Map<string, FSWatcher>();
  const rewatch = () => {
    for (const directory of new Set(options.directories)) {
      if (watchers.has(directory)) continue;
      openWatcher(directory, watchers, () => changed.resolve(), options.logger);
    }
  };
  rewatch();
  while (!signal.aborted) {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    await Promise.race([changed.promise, wait(options.intervalMs, either)]);
    stop.abort();
    if (signal.aborted) break;
    await wait(settleMs, signal);
    changed = Promise.withResolvers<void>();
    rewatch();
    await options.onChange();
  }
  for (const watcher of watchers.values()) watcher.close();
}

/** A directory that is missing or was replaced is watched again after the next turn of the timer. */
function openWatcher(
  directory: string,
  watchers: Map<string, FSWatcher>,
  onChange: () => void,
  logger: Logger,
): void {
  try {
    const watcher = watch(directory, { persistent: false }, (_event, name) => {
      onChange();
      // Linux reports the directory's own end under its own name.
      if (name !== null && directory.endsWith(`/${name}`)) close();
    });
    const close = () => {
      watcher.close();
      watchers.delete(directory);
    };
    watcher.on('error', close);
    watchers.set(directory, watcher);
  } catch (error) {
    logger.debug('directory cannot be watched; it is read on a timer', { directory, error });
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => {});
}
