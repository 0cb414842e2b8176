import { setTimeout as pause } from 'node:timers/promises';
import { Authority } from '../harness/credentials.ts';
import { Folder } from '../harness/folder.ts';
import { Mesh } from '../harness/mesh.ts';
import { waitFor } from '../harness/wait-for.ts';
import { Churn, type Pace } from './churn.ts';
import { LASTING, writeManifests } from './manifests.ts';
import { MemorySamples } from './memory.ts';
import { failuresOf, judge, type Report, type Timing } from './report.ts';
import { trafficOf } from './traffic.ts';

export interface SoakOptions extends Timing {
  readonly pace: Pace;
  /** The pace for the most of the time that memory is not judged. Default: `pace`. */
  readonly hurry?: Pace;
  /** Whether proxies collect garbage every few seconds, instead of when V8 thinks best. */
  readonly collect: boolean;
  /** Between two looks at the memory of all proxies. */
  readonly sampleMs: number;
  /** How long a leaf lives; it is renewed after 70 % of that. */
  readonly leafLifetime: string;
  readonly progressMs: number;
  readonly progress: (line: string) => void;
  /** Aborted, the soak ends early, with a report of what it has seen. */
  readonly signal: AbortSignal;
}

/** What is under way at the end is answered and told by then. */
const SETTLE_MS = 3000;
/** The part of the warm-up in which there is more to do than later, so that everything is warm at its end. */
const HURRIED = 0.8;

/** Puts a mesh under load while much of it changes, and reports on its requests and its proxies' memory. */
export async function soak(options: SoakOptions): Promise<Report> {
  const folder = new Folder();
  const authority = new Authority();
  authority.installIn(folder);
  writeManifests(folder, options.collect, HURRIED * options.warmUpMs);
  const mesh = await Mesh.start(folder, { leafLifetime: options.leafLifetime });
  try {
    await mesh.ready();
    await waitFor('requests are answered', 30_000, () => trafficOf(mesh).total.sent > 200);
    return await soakMesh(mesh, authority, options);
  } finally {
    await mesh.stop();
    folder.delete();
  }
}

async function soakMesh(mesh: Mesh, authority: Authority, options: SoakOptions): Promise<Report> {
  const pods = LASTING.map((workload) => mesh.pod(workload).name);
  const memory = new MemorySamples(mesh, options.sampleMs);
  const { pace, hurry, warmUpMs } = options;
  const churn = new Churn(mesh, authority, hurry ?? pace);
  const calm = hurry && setTimeout(() => churn.setPace(pace), HURRIED * warmUpMs);
  await loadFor(options, (elapsedMs) => progressLine(elapsedMs, mesh, pods, memory));
  clearTimeout(calm);
  memory.stop();
  const unchanged = await churn.stop();
  await pause(SETTLE_MS);
  const traffic = trafficOf(mesh);
  const proxies = pods.map((pod) => judge(pod, memory.of(pod), options));
  const { durationMs, windowMs } = options;
  return {
    ...{ durationMs, warmUpMs, windowMs, proxies, traffic, changes: churn.changes },
    passing: memory.seen - pods.length,
    failures: [...failuresOf({ proxies, traffic }), ...unchanged, ...interruptionsOf(mesh, pods)],
  };
}

/** Waits while the clients work, and tells of it. */
async function loadFor(
  { durationMs, progressMs, progress, signal }: SoakOptions,
  line: (elapsedMs: number) => string,
): Promise<void> {
  const begin = performance.now();
  let elapsedMs = 0;
  while (elapsedMs < durationMs && !signal.aborted) {
    // Who aborts wants the report at once.
    await pause(Math.min(progressMs, durationMs - elapsedMs), undefined, { signal }).catch(() => undefined);
    // What the line says decides, too: the last one is never of a moment before the end.
    elapsedMs = performance.now() - begin;
    progress(line(elapsedMs));
  }
}

function progressLine(elapsedMs: number, mesh: Mesh, pods: readonly string[], memory: MemorySamples): string {
  const { sent, denied, aborted, failed } = trafficOf(mesh).total;
  const own = pods.map((pod) => memory.of(pod).at(-1)?.mb.toFixed(1) ?? '–').join(' ');
  const time = new Date(elapsedMs).toISOString().slice(11, 19);
  return `${time}  ${sent} requests, ${denied} denied, ${aborted} left, ${failed} failed; own memory ${own} MB`;
}

/** What went wrong with pods that were to stay. */
function interruptionsOf(mesh: Mesh, pods: readonly string[]): readonly string[] {
  const known = new Map(mesh.report.pods.map((pod) => [pod.name, pod]));
  return pods.flatMap((name) => {
    const pod = known.get(name);
    if (pod === undefined || !pod.ready) return [`${name} is no longer ready`];
    return pod.containers
      .filter(({ restarts }) => restarts > 0)
      .map((container) => `${container.name} of ${name} was restarted ${container.restarts} times`);
  });
}
