import type { WallClock } from './clock.ts';

/** A clock that stands still until a sleeper is let go on. */
export class FakeWallClock implements WallClock {
  time: number;
  /** Every wait that was asked for, milliseconds. */
  readonly slept: number[] = [];
  #sleepers: { ms: number; wake: () => void }[] = [];
  #watchers: (() => void)[] = [];

  constructor(time = Date.now()) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      this.slept.push(ms);
      const sleeper = { ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
      for (const watcher of this.#watchers.splice(0)) watcher();
    });
  }

  /** Resolves once someone sleeps. */
  async asleep(): Promise<void> {
    if (this.#sleepers.length === 0) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  /** Moves to the end of the shortest sleep and wakes its sleeper. */
  async wakeNext(): Promise<void> {
    await this.asleep();
    const next = this.#sleepers.reduce((first, other) => (other.ms < first.ms ? other : first));
    this.#sleepers = this.#sleepers.filter((other) => other !== next);
    this.time += next.ms;
    next.wake();
  }
}
