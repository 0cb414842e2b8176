/** What is remembered of an issued leaf: no key, no token. Times are ISO 8601. */
export interface LedgerEntry {
  /** Hexadecimal. */
  readonly serial: string;
  readonly identity: string;
  /** Subject of the issuer. */
  readonly issuer: string;
  readonly issuedAt: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** The issued leaves, the latest ones of a bounded number. */
export interface Ledger {
  /** @throws when it cannot be written down. */
  append(entry: LedgerEntry): Promise<void>;
  /** At most `count` entries, the latest first. */
  latest(count: number): Promise<LedgerEntry[]>;
}

/** Entries kept unless told otherwise. */
export const defaultLedgerSize = 10_000;
