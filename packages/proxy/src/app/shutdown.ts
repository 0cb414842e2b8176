import type { Logger } from '../log/logger.ts';
import type { Listeners } from './listeners.ts';
import type { Runtime } from './runtime.ts';

/** Resolves when the process is told to end, by a signal or at the admin port. */
export function shutdownRequests(): { readonly requested: Promise<string>; request(reason: string): void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  return { requested: promise, request: resolve };
}

/** Takes nothing new, lets what is open finish, and gives up after the grace period (milliseconds). */
export async function drainAll(
  listeners: Listeners,
  { clock, drain }: Runtime,
  gracePeriodMs: number,
  log: Logger,
): Promise<void> {
  listeners.admin.close();
  listeners.tap?.close();
  listeners.inbound.close();
  for (const listener of listeners.outbound) listener.close();
  log.info('Draining connections', { open: drain.size, gracePeriodMs });
  const timeUp = new Promise<'time is up'>((resolve) =>
    clock.setTimeout(() => resolve('time is up'), gracePeriodMs),
  );
  const outcome = await Promise.race([drain.start(), timeUp]);
  if (outcome === 'time is up') log.warn('Connections remain after the grace period', { open: drain.size });
}
