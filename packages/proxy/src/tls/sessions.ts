/**
 * How long the sessions of one certificate may be resumed, and by what tickets. All of them end together, with the
 * first thing to expire that any of them rests upon; then a new generation begins.
 */
export interface Sessions {
  /** Epoch milliseconds. */
  readonly until: number;
  readonly generation: number;
  /** One of them rests upon something that expires then. */
  limit(until: number): void;
  /** Ends all of them; the next rest upon things that last until then. */
  renew(until: number): void;
  /** What seals the tickets of this generation, as OpenSSL takes it; null: keys of each context's own. */
  ticketKeys(): Buffer | null;
}

/** Of one thread alone. */
export class OwnSessions implements Sessions {
  until = Number.POSITIVE_INFINITY;
  generation = 0;

  limit(until: number): void {
    this.until = Math.min(this.until, until);
  }

  renew(until: number): void {
    this.generation += 1;
    this.until = until;
  }

  ticketKeys(): null {
    return null;
  }
}
