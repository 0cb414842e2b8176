import { type TcpHandle, whenClosed } from '../transport/handles.ts';
import { duplicateDescriptor } from '../transport/libc.ts';

export type Side = 'inbound' | 'outbound';

const sides = ['inbound', 'outbound'] as const;
/** Stands for the connections of a thread that takes none. */
const AWAY = 2 ** 30;

/** For `threads` threads, none of which takes connections yet. */
export function connectionBalanceMemory(threads: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(4 * sides.length * threads);
  new Int32Array(memory).fill(AWAY);
  return memory;
}

/** Gives a connection to another thread, which owns the descriptor then. */
export type HandOver = (thread: number, side: Side, fd: number) => void;

/**
 * Spreads connections over the threads. The kernel gives each to the listener of one of them by chance; few
 * connections that carry much, as those between proxies do, would often all meet in one. So a thread that has more
 * open connections than another hands a new one on to that.
 */
export class ConnectionBalance {
  /** Open connections: of side and thread. */
  readonly #open: Int32Array;
  readonly #threads: number;
  readonly #self: number;
  readonly #handOver: HandOver;

  /** `memory`: of `connectionBalanceMemory`, the same in all threads; `self`: this thread, from 0. */
  constructor(memory: SharedArrayBuffer, threads: number, self: number, handOver: HandOver) {
    this.#open = new Int32Array(memory);
    this.#threads = threads;
    this.#self = self;
    this.#handOver = handOver;
  }

  /** From now on this thread takes connections. */
  join(): void {
    for (const side of sides) Atomics.store(this.#open, this.#at(side, this.#self), 0);
  }

  /** From now on it gets none of the others'. */
  leave(): void {
    for (const side of sides) Atomics.store(this.#open, this.#at(side, this.#self), AWAY);
  }

  /** Open connections of this thread. */
  count(side: Side): number {
    const count = Atomics.load(this.#open, this.#at(side, this.#self));
    return count > AWAY / 2 ? 0 : count;
  }

  /** Counts a connection that was accepted here, or hands it over; then it is no longer this thread's. */
  divert(side: Side, accepted: TcpHandle): boolean {
    const thread = this.#choose(side);
    Atomics.add(this.#open, this.#at(side, thread), 1);
    if (thread === this.#self) {
      this.#follow(side, accepted);
      return false;
    }
    const copy = accepted.fd < 0 ? null : duplicateDescriptor(accepted.fd);
    accepted.close();
    if (copy === null) Atomics.sub(this.#open, this.#at(side, thread), 1);
    else this.#handOver(thread, side, copy);
    return true;
  }

  /** Here is a connection that another thread has counted for this one; null when it came to nothing. */
  adopted(side: Side, handle: TcpHandle | null): void {
    if (handle === null) Atomics.sub(this.#open, this.#at(side, this.#self), 1);
    else this.#follow(side, handle);
  }

  #follow(side: Side, handle: TcpHandle): void {
    const at = this.#at(side, this.#self);
    whenClosed(handle, () => Atomics.sub(this.#open, at, 1));
  }

  /** This thread, unless it has more than another; an eighth is not worth the way when there are many. */
  #choose(side: Side): number {
    const own = Atomics.load(this.#open, this.#at(side, this.#self));
    let chosen = this.#self;
    let fewest = own - (own >> 3);
    for (let thread = 0; thread < this.#threads; thread++) {
      const open = Atomics.load(this.#open, this.#at(side, thread));
      if (open >= fewest) continue;
      fewest = open;
      chosen = thread;
    }
    return chosen;
  }

  #at(side: Side, thread: number): number {
    return (side === 'inbound' ? 0 : this.#threads) + thread;
  }
}
