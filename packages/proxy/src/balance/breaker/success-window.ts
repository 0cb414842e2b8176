const slices = 10;

/** How many of the last answers were good: counted in tenths of a window, the oldest of which falls off. */
export class SuccessWindow {
  readonly #sliceMs: number;
  readonly #good = new Uint32Array(slices);
  readonly #all = new Uint32Array(slices);
  #at = 0;
  #since: number;

  /** `windowMs`: at least 10; `now`: monotonic milliseconds. */
  constructor(windowMs: number, now: number) {
    this.#sliceMs = windowMs / slices;
    this.#since = now;
  }

  note(good: boolean, now: number): void {
    this.#roll(now);
    this.#all[this.#at]++;
    if (good) this.#good[this.#at]++;
  }

  /** Whether fewer than `threshold` (0 to 1) of at least `minimum` answers were good. As of the last `note`. */
  isBelow(threshold: number, minimum: number): boolean {
    let good = 0;
    let all = 0;
    for (let i = 0; i < slices; i++) {
      good += this.#good[i];
      all += this.#all[i];
    }
    return all > 0 && all >= minimum && good < threshold * all;
  }

  clear(now: number): void {
    this.#good.fill(0);
    this.#all.fill(0);
    this.#since = now;
  }

  #roll(now: number): void {
    const steps = Math.floor((now - this.#since) / this.#sliceMs);
    if (steps <= 0) return;
    if (steps >= slices) {
      this.clear(now);
      return;
    }
    for (let i = 0; i < steps; i++) {
      this.#at = (this.#at + 1) % slices;
      this.#good[this.#at] = 0;
      this.#all[this.#at] = 0;
    }
    this.#since += steps * this.#sliceMs;
  }
}
