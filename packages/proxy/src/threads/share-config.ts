import type { Config, DirectionConfig, QueueConfig } from '../config/config.ts';

/** What one of `threads` threads may have of the limits that hold for the whole proxy, rounded up. */
export function shareConfig(config: Config, threads: number): Config {
  if (threads === 1) return config;
  const share = (limit: number): number => Math.ceil(limit / threads);
  const queue = (each: QueueConfig): QueueConfig => ({ ...each, capacity: share(each.capacity) });
  const direction = <D extends DirectionConfig>(each: D): D => ({
    ...each,
    maxInFlight: share(each.maxInFlight),
    httpQueue: queue(each.httpQueue),
    http1Pool: { ...each.http1Pool, maxIdle: share(each.http1Pool.maxIdle) },
  });
  const outbound = direction(config.outbound);
  return {
    ...config,
    inbound: direction(config.inbound),
    outbound: { ...outbound, tcpQueue: queue(outbound.tcpQueue) },
  };
}
