import { gcra, type LimitRate, type LimitVerdict } from './gcra.ts';
import type { IssuanceLimit } from './issuance-limit.ts';

/** Identities remembered at a time; beyond it the one that asked longest ago is forgotten, and starts afresh. */
const maxIdentities = 100_000;

/** The limit of one process. */
export class MemoryLimit implements IssuanceLimit {
  readonly #rate: LimitRate;
  readonly #now: () => number;
  readonly #maxIdentities: number;
  /** In the order of the last certification. */
  readonly #arrivals = new Map<string, number>();

  constructor(rate: LimitRate, now: () => number = Date.now, bound = maxIdentities) {
    this.#rate = rate;
    this.#now = now;
    this.#maxIdentities = bound;
  }

  get size(): number {
    return this.#arrivals.size;
  }

  async take(identity: string): Promise<LimitVerdict> {
    const { verdict, arrival } = gcra(this.#arrivals.get(identity), this.#now(), this.#rate);
    this.#arrivals.delete(identity);
    this.#arrivals.set(identity, arrival);
    if (this.#arrivals.size > this.#maxIdentities) {
      const [oldest] = this.#arrivals.keys();
      if (oldest !== undefined) this.#arrivals.delete(oldest);
    }
    return verdict;
  }
}
