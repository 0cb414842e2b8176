/** One time series. `users` counts live holders; a series with users is never evicted. */
export abstract class Series {
  users = 0;
  /** The scrape at which it last differed from the scrape before; see Family.evict. */
  changedAt = 0;
  seen = Number.NaN;
  /** Any number that changes whenever the series does. */
  abstract fingerprint(): number;
}

export class Counter extends Series {
  value = 0;
  inc(by = 1): void {
    this.value += by;
  }
  override fingerprint(): number {
    return this.value;
  }
}

export class Gauge extends Series {
  value = 0;
  set(value: number): void {
    this.value = value;
  }
  inc(by = 1): void {
    this.value += by;
  }
  dec(by = 1): void {
    this.value -= by;
  }
  override fingerprint(): number {
    return this.value;
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
}
