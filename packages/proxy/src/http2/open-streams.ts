import { randomInt } from 'node:crypto';
import type { Http2Stream } from './stream.ts';

/** Slots, as powers of two. */
const SMALLEST_BITS = 4;
/** A longer table is given up when the last stream has left it. */
const KEPT_BITS = 8;

/** Odd, and not known to peers: they choose ids, and could choose them to meet in one slot. */
const SPREAD = randomInt(2 ** 31) * 2 + 1;

/** What a table needs of a stream. */
type Identified = Pick<Http2Stream, 'id'>;

/**
 * The streams of one connection that are open, by their ids: a table of which at most half is used, each stream in
 * the slot of its id or in one of the next. Not a `Map`: one that entries come to and leave all the time is
 * replaced by V8 over and over, and each table that is no longer used points to the next. Where one of them has
 * grown old, all that follow, with the streams in them and all that these hold, live until the next major collection.
 */
export class OpenStreams<S extends Identified = Http2Stream> {
  size = 0;
  #slots: (S | null)[] = emptySlots(SMALLEST_BITS);
  #bits = SMALLEST_BITS;

  get(id: number): S | undefined {
    return this.#slots[this.#find(id)] ?? undefined;
  }

  /** Adds a stream whose id is not here yet. */
  add(stream: S): void {
    if (this.size * 2 >= this.#slots.length) this.#grow();
    this.#slots[this.#find(stream.id)] = stream;
    this.size++;
  }

  /** False when it was not here. */
  delete(id: number): boolean {
    let free = this.#find(id);
    if (this.#slots[free] === null) return false;
    this.size--;
    // What follows and would have had its place here, or before, moves up: a search ends at the first empty slot.
    const mask = this.#slots.length - 1;
    for (let at = (free + 1) & mask; ; at = (at + 1) & mask) {
      const stream = this.#slots[at]!;
      if (stream === null) break;
      if (((at - this.#home(stream.id)) & mask) < ((at - free) & mask)) continue;
      this.#slots[free] = stream;
      free = at;
    }
    this.#slots[free] = null;
    if (this.size === 0 && this.#bits > KEPT_BITS) this.clear();
    return true;
  }

  /** All of them, in no order; those that are gone before it is their turn are left out. */
  *values(): Iterable<S> {
    const streams = this.#slots.filter((stream) => stream !== null);
    for (const stream of streams) if (this.get(stream.id) === stream) yield stream;
  }

  clear(): void {
    this.size = 0;
    this.#slots = emptySlots(SMALLEST_BITS);
    this.#bits = SMALLEST_BITS;
  }

  #home(id: number): number {
    return Math.imul(id, SPREAD) >>> (32 - this.#bits);
  }

  /** The slot of the id, or the empty one where it would be. */
  #find(id: number): number {
    const slots = this.#slots;
    let at = this.#home(id);
    for (let stream = slots[at]!; stream !== null; stream = slots[at]!) {
      if (stream.id === id) break;
      at = (at + 1) & (slots.length - 1);
    }
    return at;
  }

  #grow(): void {
    const streams = this.#slots;
    this.#bits++;
    this.#slots = emptySlots<S>(this.#bits);
    for (const stream of streams) if (stream !== null) this.#slots[this.#find(stream.id)] = stream;
  }
}

function emptySlots<S>(bits: number): (S | null)[] {
  return new Array<S | null>(2 ** bits).fill(null);
}
