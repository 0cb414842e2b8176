import type { Logger } from '../log/logger.ts';
import type { WallClock } from './clock.ts';

const REMIND_MS = 15_000;

/** Waits for the first certificate, and says every 15 s that it does. Rejects with the signal's reason. */
export async function awaitIdentity(
  ready: Promise<void>,
  { clock, log }: { readonly clock: WallClock; readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const waiting = new AbortController();
  const both = AbortSignal.any([signal, waiting.signal]);
  const remind = async (): Promise<never> => {
    for (;;) {
      await clock.sleep(REMIND_MS, both);
      log.warn('Waiting for identity to be initialized');
    }
  };
  try {
    await Promise.race([ready, remind()]);
  } finally {
    waiting.abort();
  }
}
