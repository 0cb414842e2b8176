import type { Logger } from '../log/logger.ts';

/** `drain`: finish what peers have begun. `close`: give back sockets, timers and files. */
export type ShutdownPhase = 'drain' | 'close';

type Step = { readonly name: string; readonly run: (signal: AbortSignal) => void | Promise<void> };

export interface ShutdownOptions {
  readonly logger: Logger;
  /** How long both phases may take together, in milliseconds. */
  readonly graceMs: number;
}

/**
 * The orderly end of a process: every part registers how it ends, phases run one after the other and the whole
 * is bounded. Steps of a phase run together; their signal is aborted when the grace period is over.
 */
export class Shutdown {
  readonly #logger: Logger;
  readonly #graceMs: number;
  readonly #steps: Record<ShutdownPhase, Step[]> = { drain: [], close: [] };
  readonly #begun = new AbortController();
  #finished: Promise<void> | undefined;

  constructor(options: ShutdownOptions) {
    this.#logger = options.logger;
    this.#graceMs = options.graceMs;
  }

  /** Aborted as soon as the shutdown begins: the signal for every background loop. */
  get signal(): AbortSignal {
    return this.#begun.signal;
  }

  register(phase: ShutdownPhase, name: string, run: Step['run']): void {
    this.#steps[phase].push({ name, run });
  }

  /** Begins the shutdown, or joins the one under way. Resolves when all is closed or the grace period is over. */
  begin(reason: string): Promise<void> {
    this.#finished ??= this.#run(reason);
    return this.#finished;
  }

  async #run(reason: string): Promise<void> {
    this.#logger.info('shutting down', { reason, grace_ms: this.#graceMs });
    this.#begun.abort(new Error(`shutting down: ${reason}`));
    const grace = new AbortController();
    const timer = setTimeout(
      () => grace.abort(new Error(`grace period of ${this.#graceMs} ms is over`)),
      this.#graceMs,
    );
    try {
      for (const phase of ['drain', 'close'] as const) {
        await Promise.all(this.#steps[phase].map((step) => this.#runStep(phase, step, grace.signal)));
      }
    } finally {
      clearTimeout(timer);
    }
    this.#logger.info('shut down');
  }

  async #runStep(phase: ShutdownPhase, step: Step, signal: AbortSignal): Promise<void> {
    const overdue = new Promise<never>((_, reject) => {
      const fail = () => reject(signal.reason);
      if (signal.aborted) setImmediate(fail);
      else signal.addEventListener('abort', () => setImmediate(fail), { once: true });
    });
    try {
      await Promise.race([Promise.resolve().then(() => step.run(signal)), overdue]);
    } catch (error) {
      this.#logger.warn('a part did not end in order', { phase, part: step.name, error });
    }
  }
}
