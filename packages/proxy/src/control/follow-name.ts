import type { Clock } from '../balance/balancer.ts';
import type { Resolution } from '../dns/resolver.ts';
import { Backoff, type BackoffOptions } from '../http2/backoff.ts';
import type { Logger } from '../log/logger.ts';
import type { SocketAddress } from '../transport/connection.ts';

/** How soon a name that could not be resolved is asked for again, at first and at most. */
const retry: BackoffOptions = { minMs: 1000, maxMs: 5000, jitter: 0.1 };

/** Keeps a name resolved until the returned function is called. What was known last stays while it fails. */
export function followName(
  resolve: () => Promise<Resolution>,
  listener: (addresses: readonly SocketAddress[]) => void,
  clock: Clock,
  log: Logger,
): () => void {
  const backoff = new Backoff(retry, clock.random);
  let stopped = false;
  let timer: unknown = null;
  const ask = async (): Promise<void> => {
    let waitMs: number;
    try {
      const { addresses, ttlMs } = await resolve();
      if (stopped) return;
      backoff.reset();
      listener(addresses);
      waitMs = ttlMs;
    } catch (error) {
      if (stopped) return;
      waitMs = backoff.next();
      log.warn('Failed to resolve control-plane component', { error, retryInMs: Math.round(waitMs) });
    }
    timer = clock.setTimeout(() => void ask(), waitMs);
  };
  void ask();
  return () => {
    stopped = true;
    clock.clearTimeout(timer);
  };
}
