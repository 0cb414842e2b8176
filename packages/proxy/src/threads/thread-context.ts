import type { MakeBucket } from '@weft/policy';
import type { WriteBytes } from '../log/line-sink.ts';
import type { RemoteTaps } from '../tap/taps.ts';
import type { ConnectionBalance } from './connection-balance.ts';

/** A thread's place among those of the process, and what it shares with them. */
export interface ThreadContext {
  /** From 0, the main thread. */
  readonly thread: number;
  readonly threads: number;
  /** Monotonic milliseconds, the same on all threads. */
  readonly now: () => number;
  /** null in the only thread, as the next two. */
  readonly balance: ConnectionBalance | null;
  /** Of rate limits. */
  readonly buckets: MakeBucket | null;
  /** Taps of other threads that feed those of this one. */
  readonly remoteTaps: RemoteTaps | null;
  readonly writeAccessLog: WriteBytes;
}
