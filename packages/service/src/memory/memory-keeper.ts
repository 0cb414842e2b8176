/** Less than this was never worth a collection: a stream or a request takes some tens of KB. */
const MIN_PEAK = 200;

/** Returns memory when at most this part of the load is left, so that the pause meets few. */
const LEFT = 0.1;

export interface MemoryKeeperOptions {
  /** How much there is to do now: streams that are open, or requests since it was asked last. */
  readonly load: () => number;
  readonly returnMemory: () => void;
}

/** Gives memory back after what it was for has ended: streams when a cluster shrinks, a rush of requests. */
export class MemoryKeeper {
  readonly #options: MemoryKeeperOptions;
  #peak = 0;

  constructor(options: MemoryKeeperOptions) {
    this.#options = options;
  }

  /** Looks every so many ms until the signal is aborted. */
  run(signal: AbortSignal, intervalMs = 10_000): void {
    const timer = setInterval(() => this.look(), intervalMs);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  look(): void {
    const load = this.#options.load();
    this.#peak = Math.max(this.#peak, load);
    if (this.#peak < MIN_PEAK || load > this.#peak * LEFT) return;
    this.#peak = load;
    this.#options.returnMemory();
  }
}
