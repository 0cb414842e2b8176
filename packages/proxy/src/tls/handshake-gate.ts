/**
 * Bounds the handshakes under way. When the bound is reached the oldest is given up: an honest handshake
 * ends within milliseconds, so the oldest is the likeliest to be held open on purpose.
 */
export class HandshakeGate {
  readonly limit: number;
  /** How many were given up so far. */
  displaced = 0;
  readonly #underWay = new Set<() => void>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#underWay.size;
  }

  /** `giveUp` is called at most once, and not after the returned function has been. */
  enter(giveUp: () => void): () => void {
    if (this.#underWay.size >= this.limit) {
      const [oldest] = this.#underWay;
      if (oldest !== undefined) {
        this.#underWay.delete(oldest);
        this.displaced++;
        oldest();
      }
    }
    this.#underWay.add(giveUp);
    return () => this.#underWay.delete(giveUp);
  }
}
