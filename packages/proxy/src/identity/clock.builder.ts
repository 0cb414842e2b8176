import type { WallClock } from './clock.ts';

/** A clock that stands still until a sleeper is let go on. */
export class FakeWallClock implements WallClock {
  time: number;
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
      const sleeper = { ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
      for (const watcher of this.#watchers.splice(0)) watcher();
    });
  }

  /** Resolves once someone sleeps for just so long (milliseconds). */
  async asleepFor(ms: number): Promise<void> {
    while (!this.#sleepers.some((sleeper) => sleeper.ms === ms)) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Moves to the end of a sleep of just so long, and wakes its sleeper. */
  async wake(ms: number): Promise<void> {
    await this.asleepFor(ms);
    const sleeper = this.#sleepers.find((one) => one.ms === ms)!;
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    this.time += ms;
    sleeper.wake();
  }
}
