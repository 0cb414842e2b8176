import { Worker } from 'node:worker_threads';
import { Link } from './link.ts';
import type { ToMain, ToWorker } from './messages.ts';
import type { WorkerData } from './worker-data.ts';

/** A worker as the main thread knows it. */
export interface WorkerThread {
  readonly thread: number;
  readonly link: Link<ToMain, ToWorker>;
  /** Resolves when it has asked for what it wants to know from the start. */
  readonly built: Promise<unknown>;
  /** Resolves when it takes traffic. */
  readonly accepting: Promise<unknown>;
  /** Resolves when it has nothing more to do. */
  readonly drained: Promise<unknown>;
}

/** Starts the program once more, as a worker. `onDeath` hears why it has ended, which no worker does by itself. */
export function startWorkerThread(
  program: URL,
  data: WorkerData,
  onDeath: (thread: number, error: Error) => void,
): WorkerThread {
  const { thread } = data;
  // Names of threads are cut at 15 characters.
  const worker = new Worker(program, { name: `weft-proxy-${thread + 1}`, workerData: data });
  const dead = (error: Error) => onDeath(thread, error);
  worker.once('error', (error) => dead(error instanceof Error ? error : new Error(String(error))));
  worker.once('exit', (code) => dead(new Error(`it ended with code ${code}`)));
  const link = new Link<ToMain, ToWorker>(worker);
  link.on('failed', ({ reason }) => dead(new Error(reason)));
  return {
    thread,
    link,
    built: link.next('built'),
    accepting: link.next('accepting'),
    drained: link.next('drained'),
  };
}
