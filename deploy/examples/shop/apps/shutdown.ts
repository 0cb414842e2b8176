/** Runs `close` on SIGTERM and then ends; what is under way gets `graceMs` to finish. */
export function onShutdown(close: () => void | Promise<void>, graceMs = 10_000): void {
  process.once('SIGTERM', () => {
    setTimeout(() => process.exit(0), graceMs).unref();
    void Promise.resolve(close()).then(() => process.exit(0));
  });
}
