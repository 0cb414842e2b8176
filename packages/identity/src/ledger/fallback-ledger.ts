import type { Fallback } from '../fallback.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';

/** A shared ledger, or this process's own while that one is away. */
export class FallbackLedger implements Ledger {
  readonly #ledgers: Fallback<Ledger>;

  constructor(ledgers: Fallback<Ledger>) {
    this.#ledgers = ledgers;
  }

  append(entry: LedgerEntry): Promise<void> {
    return this.#ledgers.ask((ledger) => ledger.append(entry));
  }

  latest(count: number): Promise<LedgerEntry[]> {
    return this.#ledgers.ask((ledger) => ledger.latest(count));
  }
}
