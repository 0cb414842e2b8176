import type { Logger } from '../log/logger.ts';
import type { Listeners, TrafficListeners } from './listeners.ts';
import type { Runtime } from './runtime.ts';

/** Resolves when the process is told to end, by a signal or at the admin port. */
export function shutdownRequests(): { readonly requested: Promise<string>; request(reason: string): void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  return { requested: promise, request: resolve };
}

/**
 * Takes nothing new, lets what is open finish, and gives up after the grace period (milliseconds).
 * `drainWorkers`: does the same on the other threads.
 */
export async function drainAll(
  listeners: Listeners,
  runtime: Runtime,
  drainWorkers: () => Promise<unknown>,
  gracePeriodMs: number,
  log: Logger,
): Promise<void> {
  listeners.admin.close();
  listeners.tap?.close();
  await drainThread(listeners, runtime, drainWorkers, gracePeriodMs, log);
}

/** The same for what one thread carries; `others`: what has to be waited for besides. */
export async function drainThread(
  listeners: TrafficListeners,
  { clock, context, drain }: Runtime,
  others: () => Promise<unknown>,
  gracePeriodMs: number,
  log: Logger,
): Promise<void> {
  context.balance?.leave();
  listeners.inbound.close();
  for (const listener of listeners.outbound) listener.close();
  log.info('Draining connections', { open: drain.size, gracePeriodMs });
  const timeUp = new Promise<'time is up'>((resolve) =>
    clock.setTimeout(() => resolve('time is up'), gracePeriodMs),
  );
  const outcome = await Promise.race([Promise.all([drain.start(), others()]), timeUp]);
  if (outcome === 'time is up') log.warn('Connections remain after the grace period', { open: drain.size });
}
