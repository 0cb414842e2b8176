import { createHash } from 'node:crypto';
import { type Bucket, Gcra } from '@weft/policy';
import { bitsOf, timeOf } from './time-bits.ts';

/** Buckets that the process keeps; beyond that the one nearest to full starts anew. */
const capacity = 16_384;
/** Places in which a bucket may be. */
const ways = 16;
const bytesPerBucket = 16;
const lockBytes = 8;

/** Of a place whose bucket is being replaced. No time has these bits: it is not a number. */
const CHANGING = -1n;
const FREE = 0n;

export const sharedBucketsMemory = (): SharedArrayBuffer =>
  new SharedArrayBuffer(lockBytes + capacity * bytesPerBucket);

/**
 * Buckets of rate limits that all threads empty and fill together. The whole state of a bucket is a time (see
 * `Gcra`), which is compared and exchanged; only putting a bucket into a place takes a lock.
 *
 * A place is a key and a time (the bits of a double). Its times never repeat: a new bucket begins with a time that
 * is later than that of the full one it replaces, so that who still meant the old one does not exchange it.
 */
export class SharedBuckets {
  readonly #lock: Int32Array;
  /** Key, time, key, time… */
  readonly #places: BigInt64Array;

  /** `memory`: of `sharedBucketsMemory`, the same in all threads. */
  constructor(memory: SharedArrayBuffer) {
    this.#lock = new Int32Array(memory, 0, 1);
    this.#places = new BigInt64Array(memory, lockBytes);
  }

  /** The bucket that all threads know by this name, of so many requests a second. */
  bucket(name: string, rate: number): Bucket {
    const key = keyOf(`${rate} ${name}`);
    const gcra = new Gcra(rate);
    return {
      take: (nowMs) => this.#take(key, gcra, nowMs),
      isFull: (nowMs) => {
        const at = this.#find(key);
        return at === null || timeOf(Atomics.load(this.#places, at + 1)) <= nowMs;
      },
    };
  }

  #take(key: bigint, gcra: Gcra, nowMs: number): boolean {
    for (;;) {
      const at = this.#find(key);
      if (at === null) {
        const taken = this.#put(key, gcra, nowMs);
        if (taken !== null) return taken;
        continue;
      }
      const before = Atomics.load(this.#places, at + 1);
      if (before === CHANGING) {
        this.#acquire();
        this.#release();
        continue;
      }
      // Read after the time: the time was still this bucket's.
      if (Atomics.load(this.#places, at) !== key) continue;
      const after = gcra.take(timeOf(before), nowMs);
      if (after === null) return false;
      if (Atomics.compareExchange(this.#places, at + 1, before, bitsOf(after)) === before) return true;
    }
  }

  /** A new bucket with one token taken; null when another thread has made it meanwhile. */
  #put(key: bigint, gcra: Gcra, nowMs: number): boolean | null {
    this.#acquire();
    try {
      if (this.#find(key) !== null) return null;
      const at = this.#makeRoom(key, nowMs);
      const after = gcra.take(Number.NEGATIVE_INFINITY, nowMs);
      Atomics.store(this.#places, at, key);
      Atomics.store(this.#places, at + 1, bitsOf(after ?? nowMs));
      return after !== null;
    } finally {
      this.#release();
    }
  }

  #find(key: bigint): number | null {
    const first = firstPlace(key);
    for (let way = 0; way < ways; way++) {
      const at = first + way * 2;
      if (Atomics.load(this.#places, at) === key) return at;
    }
    return null;
  }

  /** A full bucket is as good as none; where all are wanted, that which is full soonest goes. */
  #makeRoom(key: bigint, nowMs: number): number {
    const first = firstPlace(key);
    for (;;) {
      let chosen = first;
      let soonest = Number.POSITIVE_INFINITY;
      for (let way = 0; way < ways && soonest > nowMs; way++) {
        const at = first + way * 2;
        const free = Atomics.load(this.#places, at) === FREE;
        const time = free ? Number.NEGATIVE_INFINITY : timeOf(Atomics.load(this.#places, at + 1));
        if (time >= soonest) continue;
        soonest = time;
        chosen = at;
      }
      const before = Atomics.load(this.#places, chosen + 1);
      const unchanged = soonest === Number.NEGATIVE_INFINITY || timeOf(before) === soonest;
      if (unchanged && Atomics.compareExchange(this.#places, chosen + 1, before, CHANGING) === before)
        return chosen;
    }
  }

  /** Held for microseconds. */
  #acquire(): void {
    while (Atomics.compareExchange(this.#lock, 0, 0, 1) !== 0) Atomics.wait(this.#lock, 0, 1, 1);
  }

  #release(): void {
    Atomics.store(this.#lock, 0, 0);
    Atomics.notify(this.#lock, 0, 1);
  }
}

/** 64 bits of a digest, so that two names are never taken for one. */
function keyOf(name: string): bigint {
  const key = createHash('sha256').update(name).digest().readBigInt64LE();
  return key === FREE ? 1n : key;
}

/** Of the places for that key. */
const firstPlace = (key: bigint): number =>
  Number(BigInt.asUintN(32, key) % BigInt(capacity / ways)) * ways * 2;
