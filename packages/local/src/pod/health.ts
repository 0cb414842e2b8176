import type { Container, Probe } from '../cluster/objects.ts';
import { type ProbeTarget, probeOnce } from './probe.ts';
import { sleep } from './sleep.ts';

/** While nothing has succeeded yet a probe is repeated this often, so that a pod is ready as soon as it can be. */
const EAGER_MS = 200;

export interface HealthEvents {
  onStarted(): void;
  onReady(ready: boolean): void;
  /** The startup or liveness probe gave up on the container. */
  onSick(probe: 'startup' | 'liveness'): void;
}

/** Watches one run of a container by its probes until the signal is aborted. */
export async function watchHealth(
  target: ProbeTarget,
  events: HealthEvents,
  signal: AbortSignal,
): Promise<void> {
  const { startupProbe, readinessProbe, livenessProbe }: Container = target.container;
  if (startupProbe && !(await startedInTime(startupProbe, target, signal))) {
    if (!signal.aborted) events.onSick('startup');
    return;
  }
  if (signal.aborted) return;
  events.onStarted();
  await Promise.all([
    readinessProbe ? followReadiness(readinessProbe, target, events, signal) : events.onReady(true),
    livenessProbe && followLiveness(livenessProbe, target, events, signal),
  ]);
}

/** The time a startup probe allows is its period times its failures; within it the probe is asked eagerly. */
async function startedInTime(probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<boolean> {
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe;
  const deadline = performance.now() + (initialDelaySeconds + periodSeconds * failureThreshold) * 1000;
  while (!signal.aborted && performance.now() < deadline) {
    if (await probeOnce(probe, target, signal)) return true;
    await sleep(EAGER_MS, signal);
  }
  return false;
}

async function followReadiness(probe: Probe, target: ProbeTarget, events: HealthEvents, signal: AbortSignal) {
  const { periodSeconds = 10, failureThreshold = 3 } = probe;
  let ready = false;
  let failures = 0;
  while (!signal.aborted) {
    const healthy: boolean = await probeOnce(probe, target, signal);
    failures = healthy ? 0 : failures + 1;
    const next: boolean = healthy || (ready && failures < failureThreshold);
    if (next !== ready && !signal.aborted) events.onReady(next);
    ready = next;
    await sleep(ready ? periodSeconds * 1000 : EAGER_MS, signal);
  }
}

async function followLiveness(probe: Probe, target: ProbeTarget, events: HealthEvents, signal: AbortSignal) {
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe;
  await sleep(initialDelaySeconds * 1000, signal);
  let failures = 0;
  while (!signal.aborted) {
    failures = (await probeOnce(probe, target, signal)) ? 0 : failures + 1;
    if (failures >= failureThreshold && !signal.aborted) return events.onSick('liveness');
    await sleep(periodSeconds * 1000, signal);
  }
}
