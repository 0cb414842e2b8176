import { existsSync } from 'node:fs';

/** Processes, by number, whose end ends this one: what stands between it and its user. */
const ENDS_WITH = 'WEFT_ENDS_WITH';
const LOOK_MS = 500;

/**
 * Aborted by the first Ctrl-C or SIGTERM; the next one ends this process at once, and with it what it started. When
 * one of the processes in `WEFT_ENDS_WITH` is gone, nobody is there to stop it: it ends at once, too.
 */
export function endedByUser(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  const companions = (process.env[ENDS_WITH] ?? '').split(',').filter((pid) => pid !== '');
  const look = () => companions.every((pid) => existsSync(`/proc/${pid}`)) || process.exit(130);
  if (companions.length > 0) setInterval(look, LOOK_MS).unref();
  return controller.signal;
}
