export const backlogMemory = (): SharedArrayBuffer => new SharedArrayBuffer(4);

/** What one thread has sent to another that has not been dealt with yet: bounded, in bytes. */
export class Backlog {
  readonly #waiting: Int32Array;
  readonly #capacity: number;

  /** `memory`: of `backlogMemory`, the same at both ends. */
  constructor(memory: SharedArrayBuffer, capacity: number) {
    this.#waiting = new Int32Array(memory);
    this.#capacity = capacity;
  }

  /** False when there is no room. */
  add(bytes: number): boolean {
    if (Atomics.load(this.#waiting, 0) + bytes > this.#capacity) return false;
    Atomics.add(this.#waiting, 0, bytes);
    return true;
  }

  done(bytes: number): void {
    Atomics.sub(this.#waiting, 0, bytes);
  }
}
