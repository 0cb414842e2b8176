import { hkdfSync, randomFillSync } from 'node:crypto';
import type { Sessions } from '../tls/sessions.ts';
import { bitsOf, timeOf } from './time-bits.ts';

/** 16 bytes each of name, HMAC key and AES key. */
const ticketKeyBytes = 48;
const secretBytes = 32;

/** Of one certificate. It never leaves the process. */
export interface SessionsMemory {
  /** The bits of `until`, a double; the generation. */
  readonly state: SharedArrayBuffer;
  readonly secret: SharedArrayBuffer;
}

export function sessionsMemory(): SessionsMemory {
  const memory = { state: new SharedArrayBuffer(16), secret: new SharedArrayBuffer(secretBytes) };
  new Float64Array(memory.state)[0] = Number.POSITIVE_INFINITY;
  randomFillSync(new Uint8Array(memory.secret));
  return memory;
}

/** Sessions that begin with one thread and may be resumed with another: a client cannot choose which it meets. */
export class SharedSessions implements Sessions {
  readonly #state: BigInt64Array;
  readonly #secret: Uint8Array;

  constructor({ secret, state }: SessionsMemory) {
    this.#state = new BigInt64Array(state);
    // A copy: keys are not derived from shared memory.
    this.#secret = new Uint8Array(secret).slice();
  }

  get until(): number {
    return timeOf(Atomics.load(this.#state, 0));
  }

  get generation(): number {
    return Number(Atomics.load(this.#state, 1));
  }

  limit(until: number): void {
    for (;;) {
      const before = Atomics.load(this.#state, 0);
      if (timeOf(before) <= until) return;
      if (Atomics.compareExchange(this.#state, 0, before, bitsOf(until)) === before) return;
    }
  }

  /** Several threads may do so at once: then there are generations that nobody has used. */
  renew(until: number): void {
    const before = Atomics.load(this.#state, 0);
    Atomics.add(this.#state, 1, 1n);
    Atomics.compareExchange(this.#state, 0, before, bitsOf(until));
  }

  ticketKeys(): Buffer {
    const info = `tickets ${this.generation}`;
    return Buffer.from(hkdfSync('sha256', this.#secret, '', info, ticketKeyBytes));
  }
}
