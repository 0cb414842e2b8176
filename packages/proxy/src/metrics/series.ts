/** One time series. `users` counts live holders; a series with users is never evicted. */
export abstract class Series {
  users = 0;
  /** The scrape at which it last differed from the scrape before; see Family.evict. */
  changedAt = 0;
  seen = Number.NaN;
  /** Any number that changes whenever the series does. */
  abstract fingerprint(): number;
  /** All its numbers, as many as its family says, from `at` on. */
  abstract store(into: Float64Array, at: number): void;
  abstract load(from: Float64Array, at: number): void;
}

/** A series of one number. */
abstract class Single extends Series {
  value = 0;
  override fingerprint(): number {
    return this.value;
  }
  override store(into: Float64Array, at: number): void {
    into[at] = this.value;
  }
  override load(from: Float64Array, at: number): void {
    this.value = from[at] ?? 0;
  }
}

export class Counter extends Single {
  inc(by = 1): void {
    this.value += by;
  }
}

export class Gauge extends Single {
  set(value: number): void {
    this.value = value;
  }
  inc(by = 1): void {
    this.value += by;
  }
  dec(by = 1): void {
    this.value -= by;
  }
}

export class Histogram extends Series {
  readonly #bounds: readonly number[];
  /** Not cumulative; the last one is +Inf. */
  readonly buckets: Float64Array;
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    super();
    this.#bounds = bounds;
    this.buckets = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let i = 0;
    while (i < bounds.length && value > bounds[i]) i++;
    this.buckets[i]++;
    this.sum += value;
    this.count++;
  }

  override fingerprint(): number {
    return this.count;
  }

  /** Sum, count, buckets. */
  override store(into: Float64Array, at: number): void {
    into[at] = this.sum;
    into[at + 1] = this.count;
    into.set(this.buckets, at + 2);
  }

  override load(from: Float64Array, at: number): void {
    this.sum = from[at] ?? 0;
    this.count = from[at + 1] ?? 0;
    this.buckets.set(from.subarray(at + 2, at + 2 + this.buckets.length));
  }
}
