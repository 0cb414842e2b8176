/** As patient as Kubernetes is with a liveness probe: three failures, ten seconds apart. */
const patienceMs = 10_000;
const failures = 3;

/**
 * Looks whether a thread still does its work, until it does not: one that hangs keeps its connections, and no probe
 * of the process finds it. `answers` resolves with whether it has answered within that time.
 */
export async function watchOver(
  answers: (timeoutMs: number) => Promise<boolean>,
  wait: (ms: number) => Promise<void>,
  onSilent: (silentMs: number) => void,
): Promise<void> {
  let failed = 0;
  while (failed < failures) {
    if (failed === 0) await wait(patienceMs);
    failed = (await answers(patienceMs)) ? 0 : failed + 1;
  }
  onSilent(failures * patienceMs);
}
