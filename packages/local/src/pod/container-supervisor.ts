import type { Container } from '../cluster/objects.ts';
import { type ContainerExit, ContainerProcess, type StartOptions } from './container-process.ts';
import { watchHealth } from './health.ts';
import type { RunInContainer } from './probe.ts';
import { countQuickEnds, type RestartPolicy, restartDelay, restarts } from './restart.ts';
import { sleep } from './sleep.ts';

export type ContainerState =
  | { readonly state: 'waiting'; readonly reason: string }
  | { readonly state: 'running'; readonly started: boolean; readonly ready: boolean }
  | { readonly state: 'terminated'; readonly exit: ContainerExit };

export interface SupervisorOptions {
  readonly container: Container;
  readonly policy: RestartPolicy;
  readonly ip: string;
  /** Makes what one run needs; called again before every restart, so that it may change. */
  readonly prepare: () => Promise<StartOptions>;
  readonly run: RunInContainer;
  readonly onChange: () => void;
  readonly onEvent: (message: string) => void;
}

/** Keeps one container as its policy wants it: started, watched by its probes, restarted with growing waits. */
export class ContainerSupervisor {
  readonly container: Container;
  /** Settles when the container has ended for good. */
  readonly done: Promise<ContainerExit>;
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  readonly #running = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  #state: ContainerState = { state: 'waiting', reason: 'starting' };
  #process: ContainerProcess | undefined;
  #restarts = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.container = options.container;
    this.done = this.#supervise();
    void this.done.then(() => {
      this.#running.resolve();
      this.#started.resolve();
    });
  }

  get state(): ContainerState {
    return this.#state;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get process(): ContainerProcess | undefined {
    return this.#process;
  }

  /** Settles when the process is there, or never will be. */
  get running(): Promise<void> {
    return this.#running.promise;
  }

  /** Settles when the startup probe has passed, or the container has ended for good. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** Ends the container: SIGTERM, and SIGKILL when it has not ended `graceMs` later. No restart follows. */
  async stop(graceMs: number): Promise<ContainerExit> {
    this.#stopping.abort();
    await this.#process?.signal('SIGTERM');
    const grace = new AbortController();
    const late = sleep(graceMs, grace.signal).then(() => this.#process?.signal('SIGKILL'));
    const exit = await this.done;
    grace.abort();
    await late;
    return exit;
  }

  async #supervise(): Promise<ContainerExit> {
    let quickEnds = 0;
    for (;;) {
      const begun = performance.now();
      const exit = await this.#runOnce();
      this.#change({ state: 'terminated', exit });
      if (this.#stopping.signal.aborted || !restarts(this.#options.policy, exit)) return exit;
      quickEnds = countQuickEnds(quickEnds, performance.now() - begun);
      const delay = restartDelay(quickEnds);
      this.#options.onEvent(
        `${this.container.name} ended with ${exit.code}; next start in ${delay / 1000} s`,
      );
      this.#change({ state: 'waiting', reason: 'waiting for the next start' });
      await sleep(delay, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return exit;
      this.#restarts += 1;
    }
  }

  async #runOnce(): Promise<ContainerExit> {
    let process: ContainerProcess;
    try {
      process = ContainerProcess.start(await this.#options.prepare());
    } catch (error) {
      this.#options.onEvent(`${this.container.name} cannot start: ${(error as Error).message}`);
      return { code: 128, signal: undefined };
    }
    this.#process = process;
    this.#change({ state: 'running', started: false, ready: false });
    this.#running.resolve();
    if (this.#stopping.signal.aborted) void process.signal('SIGKILL');
    const watching = new AbortController();
    const { ip, run } = this.#options;
    const health = watchHealth(
      { ip, container: this.container, run },
      {
        onStarted: () => {
          this.#change({ state: 'running', started: true, ready: false });
          this.#started.resolve();
        },
        onReady: (ready) => this.#change({ state: 'running', started: true, ready }),
        onSick: (probe) => {
          this.#options.onEvent(`${this.container.name} fails its ${probe} probe and is restarted`);
          void process.signal('SIGKILL');
        },
      },
      watching.signal,
    );
    const exit = await process.ended;
    watching.abort();
    await health;
    return exit;
  }

  #change(state: ContainerState): void {
    this.#state = state;
    this.#options.onChange();
  }
}
