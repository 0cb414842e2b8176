/** Less than this was never worth a collection: a stream or a request takes some tens of KB. */
const MIN_PEAK = 200;

/** Returns memory when at most this part of the load is left, so that the pause meets few. */
const LEFT = 0.1;

/** How much more must be resident than after the last return: the pause grows with what is in use. */
const GROWN = 1.2;

export interface MemoryKeeperOptions {
  /** How much there is to do now: streams that are open, or requests and changes since it was asked last. */
  readonly load: () => number;
  readonly returnMemory: () => void;
  /** Memory of the process in bytes. Default: its resident set. */
  readonly resident?: () => number;
}

/** Gives memory back after what it was for has ended: streams when a cluster shrinks, a rush of requests. */
export class MemoryKeeper {
  readonly #options: Required<MemoryKeeperOptions>;
  #peak = 0;
  #residentBefore: number;

  constructor(options: MemoryKeeperOptions) {
    this.#options = { resident: process.memoryUsage.rss, ...options };
    this.#residentBefore = this.#options.resident();
  }

  /** Looks every so many ms until the signal is aborted. */
  run(signal: AbortSignal, intervalMs = 10_000): void {
    const timer = setInterval(() => this.look(), intervalMs);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  look(): void {
    const { load: loadOf, resident, returnMemory } = this.#options;
    const load = loadOf();
    this.#peak = Math.max(this.#peak, load);
    if (this.#peak < MIN_PEAK || load > this.#peak * LEFT) return;
    this.#peak = load;
    if (resident() < this.#residentBefore * GROWN) return;
    returnMemory();
    this.#residentBefore = resident();
  }
}
