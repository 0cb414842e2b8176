import type { CoresConfig } from '../config/config.ts';

/**
 * On how many threads to work, of which there are `available` cores for: as many as allowed (the number before
 * the ratio), at least as many as asked for, never more than cores. Linkerd's rule.
 */
export function threadCount({ min, max, maxRatio }: CoresConfig, available: number): number {
  const byRatio = maxRatio === undefined ? 1 : Math.max(1, Math.round(available * maxRatio));
  return Math.min(available, Math.max(min, max ?? byRatio));
}
