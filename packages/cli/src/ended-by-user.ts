/** Aborted by the first Ctrl-C or SIGTERM; the next one ends this process at once, and with it what it started. */
export function endedByUser(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}
