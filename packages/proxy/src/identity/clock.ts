/** The wall clock, and waiting by it. */
export interface WallClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** setTimeout holds no more. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: WallClock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const onTimer = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const timer = setTimeout(onTimer, Math.min(ms, LONGEST_TIMER));
      signal.addEventListener('abort', onAbort, { once: true });
    }),
};
