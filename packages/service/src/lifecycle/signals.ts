import type { Shutdown } from './shutdown.ts';

const signals = ['SIGTERM', 'SIGINT'] as const;

export interface TrappedSignals {
  /** Resolves when a signal came and the shutdown it began is over. */
  readonly promise: Promise<void>;
  /** Gives the signals back to Node's own handling. */
  release(): void;
}

/** The first SIGTERM or SIGINT begins the shutdown; a second one ends the process at once. */
export function trapSignals(shutdown: Shutdown): TrappedSignals {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const handle = (signal: NodeJS.Signals) => {
    if (shutdown.signal.aborted) process.exit(130);
    shutdown.begin(signal).then(resolve, reject);
  };
  for (const signal of signals) process.on(signal, handle);
  return {
    promise,
    release: () => {
      for (const signal of signals) process.off(signal, handle);
    },
  };
}
