import type { Config } from '../config/config.ts';
import type { SocketAddress } from '../transport/connection.ts';

/** What the threads of a process share without sending it. */
export interface SharedMemory {
  readonly connections: SharedArrayBuffer;
  readonly buckets: SharedArrayBuffer;
}

/** What a worker is started with. */
export interface WorkerData {
  /** From 1; the main thread is 0. */
  readonly thread: number;
  readonly threads: number;
  readonly config: Config;
  /** Where the main thread listens, ports taken. */
  readonly listen: { readonly inbound: SocketAddress; readonly outbound: readonly SocketAddress[] };
  readonly logFilter: string;
  /** When the main thread's monotonic clock showed 0, by that of the system (milliseconds). */
  readonly clockZero: number;
  readonly memory: SharedMemory;
  /** Bytes of log, and of access log, on their way to the main thread. */
  readonly logBacklog: SharedArrayBuffer;
  readonly accessBacklog: SharedArrayBuffer;
}
