/** A value that costs something to make, kept for a while. Callers at the same time share one making. */
export class Remembered<T> {
  readonly #make: () => Promise<T>;
  readonly #forMs: number;
  readonly #now: () => number;
  #value: Promise<T> | undefined;
  #until = 0;

  constructor(make: () => Promise<T>, forMs: number, now: () => number = Date.now) {
    this.#make = make;
    this.#forMs = forMs;
    this.#now = now;
  }

  get(): Promise<T> {
    if (this.#value !== undefined && this.#now() < this.#until) return this.#value;
    const value = this.#make();
    this.#value = value;
    this.#until = this.#now() + this.#forMs;
    value.catch(() => {
      if (this.#value === value) this.#value = undefined;
    });
    return value;
  }

  forget(): void {
    this.#value = undefined;
  }
}
