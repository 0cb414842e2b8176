/** Something with work in progress that can be asked to finish it. */
export interface Drainable {
  /** Takes no new work; may be called once. */
  drain(): void;
}

/**
 * What is open in this process. After `start` everything open is asked to finish and what opens later is
 * asked at once; `finished` resolves when nothing is left.
 */
export class Drain {
  readonly #open = new Set<Drainable>();
  #started = false;
  #onEmpty: (() => void) | null = null;

  get size(): number {
    return this.#open.size;
  }

  get started(): boolean {
    return this.#started;
  }

  /** The returned function says that it has finished. */
  add(item: Drainable): () => void {
    this.#open.add(item);
    if (this.#started) item.drain();
    return () => {
      this.#open.delete(item);
      if (this.#started && this.#open.size === 0) this.#onEmpty?.();
    };
  }

  start(): Promise<void> {
    this.#started = true;
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
      for (const item of [...this.#open]) item.drain();
      if (this.#open.size === 0) resolve();
    });
  }
}
