import type { Lease } from './lease.ts';

export type Decision =
  | { readonly type: 'create' }
  | { readonly type: 'renew' }
  | { readonly type: 'take' }
  /** Somebody else holds it, for so many ms at least. */
  | { readonly type: 'wait'; readonly ms: number };

/**
 * What a candidate does about a lease. `unchangedMs`: for how long this process has seen the lease without a
 * renewal, by its own clock. The times written into the lease are those of another clock and decide nothing.
 */
export function decide(lease: Lease | undefined, self: string, unchangedMs: number): Decision {
  if (lease === undefined) return { type: 'create' };
  if (lease.holder === self) return { type: 'renew' };
  if (lease.holder === '' || unchangedMs >= lease.durationMs) return { type: 'take' };
  return { type: 'wait', ms: lease.durationMs - unchangedMs };
}
