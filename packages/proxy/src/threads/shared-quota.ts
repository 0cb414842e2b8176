import type { TapQuota } from '../tap/quota.ts';

export const sharedQuotaMemory = (): SharedArrayBuffer => new SharedArrayBuffer(4);

/** For a tap that several threads feed. */
export class SharedQuota implements TapQuota {
  readonly #taken: Int32Array;
  readonly #limit: number;
  readonly #onFinished: () => boolean;

  /** `memory`: of `sharedQuotaMemory`, the same in all threads. `onFinished`: as `finish` of a quota. */
  constructor(memory: SharedArrayBuffer, limit: number, onFinished: () => boolean) {
    this.#taken = new Int32Array(memory);
    this.#limit = limit;
    this.#onFinished = onFinished;
  }

  get exhausted(): boolean {
    return Atomics.load(this.#taken, 0) >= this.#limit;
  }

  reserve(): boolean {
    // Not more than there are: a limit may be as large as the number.
    for (;;) {
      const taken = Atomics.load(this.#taken, 0);
      if (taken >= this.#limit) return false;
      if (Atomics.compareExchange(this.#taken, 0, taken, taken + 1) === taken) return true;
    }
  }

  giveBack(): void {
    Atomics.sub(this.#taken, 0, 1);
  }

  finish(): boolean {
    return this.#onFinished();
  }
}
