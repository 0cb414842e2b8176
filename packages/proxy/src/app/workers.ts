import { setTimeout } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { MergedMetrics } from '../metrics/merged-metrics.ts';
import { Backlog, backlogMemory } from '../threads/backlog.ts';
import { ConnectionBalance, connectionBalanceMemory, type HandOver } from '../threads/connection-balance.ts';
import { joinStates } from '../threads/joined-state.ts';
import type { ToWorker } from '../threads/messages.ts';
import { Question } from '../threads/question.ts';
import { serveWatches } from '../threads/remote-watches.ts';
import { SharedBuckets, sharedBucketsMemory } from '../threads/shared-buckets.ts';
import { clockZero } from '../threads/shared-clock.ts';
import type { OnReplaced } from '../threads/shared-credentials.ts';
import { WorkersTaps } from '../threads/shared-taps.ts';
import { SharedWatches } from '../threads/shared-watches.ts';
import type { ThreadContext } from '../threads/thread-context.ts';
import { watchOver } from '../threads/watch-over.ts';
import type { SharedMemory, WorkerData } from '../threads/worker-data.ts';
import { startWorkerThread, type WorkerThread } from '../threads/worker-thread.ts';
import { writeToStderr } from './access-log.ts';
import type { AdminWorkers } from './admin.ts';
import type { ControlWatches } from './discovery.ts';
import type { Listeners } from './listeners.ts';
import { writeToStdout } from './logging.ts';
import { alone, type Runtime } from './runtime.ts';
import type { Tracing } from './tracing.ts';
import { adopt, describeThread } from './worker-link.ts';
import { maxAccessBacklog, maxLogBacklog } from './worker-logs.ts';

/** How long a thread may take to answer; its last numbers stand in for those that come later. */
const answerMs = 250;

/** What the workers need of the main thread. */
export interface MainThread {
  readonly runtime: Runtime;
  readonly listeners: Listeners;
  readonly control: ControlWatches;
  readonly tracing: Tracing | null;
}

interface Crew {
  readonly main: MainThread;
  readonly workers: readonly Worker[];
  readonly metrics: MergedMetrics;
}

interface Worker extends WorkerThread {
  readonly counts: Question<'counted'>;
  readonly state: Question<'described'>;
}

/** The threads beside the main one. They carry traffic as it does; it speaks for all of them. */
export class Workers implements AdminWorkers {
  /** Of the main thread. */
  readonly context: ThreadContext;
  readonly #config: Config;
  readonly #threads: number;
  readonly #memory: SharedMemory;
  readonly #taps = new WorkersTaps();
  readonly #logStreams = new Map<number, (line: string) => void>();
  #nextStream = 0;
  #crew: Crew | null = null;

  /** `threads`: with the main one. */
  constructor(config: Config, threads: number) {
    this.#config = config;
    this.#threads = threads;
    this.#memory = { connections: connectionBalanceMemory(threads), buckets: sharedBucketsMemory() };
    const buckets = new SharedBuckets(this.#memory.buckets);
    this.context = {
      ...alone,
      threads,
      balance: new ConnectionBalance(this.#memory.connections, threads, 0, this.#handOver),
      buckets: buckets.bucket.bind(buckets),
      remoteTaps: this.#taps,
    };
  }

  /**
   * Starts them; they take no traffic yet. Returns the control plane as all threads share it. `onDeath` hears of a
   * worker that has ended, which none does by itself.
   */
  start(program: URL, main: MainThread, onDeath: (thread: number, error: Error) => void): ControlWatches {
    const watches = {
      destination: new SharedWatches(main.control.destination),
      policy: new SharedWatches(main.control.policy),
    };
    const { debugState, registry } = main.runtime;
    const metrics = new MergedMetrics(registry);
    debugState.section('thread', () => describeThread(main.runtime));
    const workers = Array.from({ length: this.#threads - 1 }, (_, index): Worker => {
      const data = this.#workerData(index + 1, main);
      const worker = startWorkerThread(program, data, onDeath);
      const { link, thread } = worker;
      serveWatches(link, watches);
      this.#taps.add(link);
      this.#takeLogs(link, data);
      this.#takeConnections(link, main);
      link.on('spans', ({ spans }) => {
        for (const span of spans) main.tracing?.take(span);
        link.post({ kind: 'spans-taken' });
      });
      const life = new Question(link, { kind: 'ping' }, 'alive');
      watchOver(
        async (timeoutMs) => (await life.ask(timeoutMs)) !== null,
        (ms) => setTimeout(ms, undefined, { ref: false }),
        (ms) => onDeath(thread, new Error(`it has not answered for ${ms} ms`)),
      );
      return {
        ...worker,
        counts: new Question(link, { kind: 'count' }, 'counted', ({ families }) =>
          metrics.update(thread, families),
        ),
        state: new Question(link, { kind: 'describe' }, 'described'),
      };
    });
    this.#crew = { main, workers, metrics };
    return watches;
  }

  /** Tells all workers of a new certificate; it stays within the process. */
  readonly certified: OnReplaced = ({ key, leaf, intermediates }, bundle, sessions) =>
    this.#tell({ kind: 'credentials', key, leaf, intermediates, bundle, sessions });

  /** Resolves when all of them take traffic. To be called once they have a certificate. */
  async accept(): Promise<void> {
    await Promise.all(
      this.#workers.map(async ({ accepting, built, link }) => {
        await built;
        link.post({ kind: 'accept' });
        await accepting;
      }),
    );
  }

  /** Resolves when all of them have nothing more to do. */
  async drain(): Promise<void> {
    this.#tell({ kind: 'drain' });
    await Promise.all(this.#workers.map(({ drained }) => drained));
  }

  releaseMemory(): void {
    this.#tell({ kind: 'release-memory' });
  }

  async renderMetrics(): Promise<string> {
    const { main, metrics, workers } = this.#started;
    await Promise.all(workers.map(({ counts }) => counts.ask(answerMs)));
    metrics.update(0, main.runtime.registry.snapshot(Date.now()));
    return metrics.render();
  }

  async debugState(): Promise<unknown> {
    const { main, workers } = this.#started;
    const answers = await Promise.all(workers.map(({ state }) => state.ask(answerMs)));
    const silent = (index: number) => ({ thread: { thread: index + 2, error: 'it does not answer' } });
    return joinStates([
      main.runtime.debugState.describe(),
      ...answers.map((answer, index) => answer?.state ?? silent(index)),
    ]);
  }

  setLogFilter(text: string): void {
    this.#tell({ kind: 'log-filter', text });
  }

  streamLogs(filter: string, onLine: (line: string) => void): () => void {
    const id = this.#nextStream++;
    this.#logStreams.set(id, onLine);
    this.#tell({ kind: 'stream-logs', id, filter });
    return () => {
      this.#logStreams.delete(id);
      this.#tell({ kind: 'stop-logs', id });
    };
  }

  get #workers(): readonly Worker[] {
    return this.#crew?.workers ?? [];
  }

  get #started(): Crew {
    if (this.#crew === null) throw new Error('the threads have not been started');
    return this.#crew;
  }

  #tell(message: ToWorker): void {
    for (const { link } of this.#workers) link.post(message);
  }

  #workerData(thread: number, { listeners, runtime }: MainThread): WorkerData {
    return {
      thread,
      threads: this.#threads,
      config: this.#config,
      listen: {
        inbound: listeners.inbound.address,
        outbound: listeners.outbound.map(({ address }) => address),
      },
      logFilter: runtime.logs.filter.text,
      clockZero: clockZero(),
      memory: this.#memory,
      logBacklog: backlogMemory(),
      accessBacklog: backlogMemory(),
    };
  }

  #takeLogs(link: WorkerThread['link'], { accessBacklog, logBacklog }: WorkerData): void {
    const logs = new Backlog(logBacklog, maxLogBacklog);
    const access = new Backlog(accessBacklog, maxAccessBacklog);
    link.on('log', ({ line }) => {
      logs.done(line.length);
      writeToStdout(line);
    });
    link.on('streamed-log', ({ id, line }) => {
      logs.done(line.length);
      this.#logStreams.get(id)?.(line);
    });
    link.on('access-lines', ({ bytes }) => {
      writeToStderr(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), () =>
        access.done(bytes.length),
      );
    });
  }

  /** Those for others go through here, too: workers do not know each other. */
  #takeConnections(link: WorkerThread['link'], { listeners, runtime }: MainThread): void {
    link.on('connection', ({ fd, side, thread }) => {
      if (thread === 0 || runtime.drain.started) adopt(listeners, this.context.balance, side, fd);
      else this.#handOver(thread, side, fd);
    });
  }

  readonly #handOver: HandOver = (thread, side, fd) =>
    this.#workers[thread - 1]?.link.post({ kind: 'connection', side, fd });
}
