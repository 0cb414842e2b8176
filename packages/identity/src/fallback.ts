import type { Logger } from '@weft/service';

export interface FallbackOptions {
  /** What is shared, for log and metric: `ledger` or `limit`. */
  readonly store: string;
  readonly logger: Logger;
  /** Called each time the local store answers in place of the shared one. */
  readonly onFallback: () => void;
}

/** Asks the shared store first and the local one when that fails: issuing goes on. Each change of state is logged. */
export class Fallback<T> {
  readonly #shared: T;
  readonly #local: T;
  readonly #options: FallbackOptions;
  #isLocal = false;

  constructor(shared: T, local: T, options: FallbackOptions) {
    this.#shared = shared;
    this.#local = local;
    this.#options = options;
  }

  async ask<R>(operation: (store: T) => Promise<R>): Promise<R> {
    const { store, logger, onFallback } = this.#options;
    try {
      const answer = await operation(this.#shared);
      if (this.#isLocal) logger.info('shared again', { store });
      this.#isLocal = false;
      return answer;
    } catch (error) {
      if (!this.#isLocal)
        logger.warn('no longer shared; going on with what this process knows', { store, error });
      this.#isLocal = true;
      onFallback();
      return operation(this.#local);
    }
  }
}
