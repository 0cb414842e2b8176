import { defaultLedgerSize, type Ledger, type LedgerEntry } from './ledger.ts';

/** The ledger of one process: a ring that forgets the oldest entry. */
export class MemoryLedger implements Ledger {
  readonly #ring: LedgerEntry[] = [];
  readonly #size: number;
  /** Where the next entry goes once the ring is full. */
  #next = 0;

  constructor(size = defaultLedgerSize) {
    this.#size = size;
  }

  async append(entry: LedgerEntry): Promise<void> {
    this.#ring[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#size;
  }

  async latest(count: number): Promise<LedgerEntry[]> {
    const inOrder = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
    return inOrder.toReversed().slice(0, count);
  }
}
