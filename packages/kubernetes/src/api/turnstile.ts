interface Waiter {
  readonly admit: () => void;
}

/**
 * Lets a bounded number through at a time and a bounded number wait, first come first served. `enter` resolves
 * with the way out, or undefined when the waiting room is full.
 */
export class Turnstile {
  readonly #limits: { readonly inside: number; readonly waiting: number };
  readonly #waiting = new Set<Waiter>();
  #inside = 0;

  constructor(limits: { readonly inside: number; readonly waiting: number }) {
    this.#limits = limits;
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Rejects with the signal's reason when it is aborted while waiting. */
  async enter(signal: AbortSignal): Promise<(() => void) | undefined> {
    signal.throwIfAborted();
    if (this.#inside < this.#limits.inside) this.#inside += 1;
    else if (this.#waiting.size < this.#limits.waiting) await this.#wait(signal);
    else return undefined;
    return () => this.#leave();
  }

  /** The place of the one who leaves goes to the one who has waited longest. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#inside -= 1;
      return;
    }
    this.#waiting.delete(next);
    next.admit();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { admit: resolve };
    this.#waiting.add(waiter);
    const abort = () => {
      if (this.#waiting.delete(waiter)) reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
