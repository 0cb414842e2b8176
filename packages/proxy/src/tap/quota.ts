/** How many requests a tap is to be told of, and how many of those are over. */
export interface TapQuota {
  /** Takes one of them; false when there are none left. */
  reserve(): boolean;
  /** It was not told of after all. */
  giveBack(): void;
  /** None is left for anybody. */
  readonly exhausted: boolean;
  /** One that was taken is over; true with the last of all. */
  finish(): boolean;
}

/** For a tap that one thread feeds. */
export class OwnQuota implements TapQuota {
  readonly #limit: number;
  #taken = 0;
  #finished = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get exhausted(): boolean {
    return this.#taken === this.#limit;
  }

  reserve(): boolean {
    if (this.exhausted) return false;
    this.#taken += 1;
    return true;
  }

  giveBack(): void {
    this.#taken -= 1;
  }

  finish(): boolean {
    this.#finished += 1;
    return this.#finished === this.#limit;
  }
}
