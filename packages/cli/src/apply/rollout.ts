import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, listObjects } from '../cluster/cluster.ts';
import { type Json, type JsonObject, listAt, memberAt, objectAt, textAt } from '../manifest/json.ts';

/** How far a Deployment is: undefined once all of it runs as it is meant to. */
export function rolloutState(deployment: JsonObject): string | undefined {
  const number = (...path: string[]) => Number(memberAt(deployment, ...path) ?? 0);
  const name = textAt(deployment, 'metadata', 'name');
  if (number('status', 'observedGeneration') < number('metadata', 'generation'))
    return `${name}: not seen yet`;
  const wanted = Number(memberAt(deployment, 'spec', 'replicas') ?? 1);
  const [updated, available] = [number('status', 'updatedReplicas'), number('status', 'availableReplicas')];
  const old = number('status', 'replicas') - updated;
  if (updated < wanted || available < wanted)
    return `${name}: ${Math.min(updated, available)} of ${wanted} ready`;
  return old > 0 ? `${name}: ${old} of the old ones still there` : undefined;
}

/** Pods of a Deployment that are told to end and have not: until then they answer, with what they knew before. */
export function endingPods(deployment: JsonObject, pods: readonly JsonObject[]): string | undefined {
  const selector = Object.entries(objectAt(deployment, 'spec', 'selector', 'matchLabels') ?? {});
  const ending = pods.filter(
    (pod) =>
      textAt(pod, 'metadata', 'deletionTimestamp') !== '' &&
      selector.every(([label, value]) => textAt(pod, 'metadata', 'labels', label) === value),
  );
  return ending.length === 0
    ? undefined
    : `${textAt(deployment, 'metadata', 'name')}: ${ending.length} of the old ones still ending`;
}

/** Why pods do not start, as far as their containers and the scheduler say; each reason once. */
export function podTroubles(pods: readonly JsonObject[]): string[] {
  const troubles = pods.flatMap((pod) => [
    ...listAt(pod, 'status', 'conditions')
      .filter((one) => textAt(one, 'type') === 'PodScheduled' && textAt(one, 'status') === 'False')
      .map((one) => textAt(one, 'message')),
    ...listAt(pod, 'status', 'containerStatuses').flatMap(containerTrouble),
  ]);
  return [...new Set(troubles)];
}

function containerTrouble(status: Json): string[] {
  const waiting = objectAt(status, 'state', 'waiting') ?? null;
  const reason = textAt(waiting, 'reason');
  if (reason === '' || reason === 'ContainerCreating' || reason === 'PodInitializing') return [];
  const ended = textAt(status, 'lastState', 'terminated', 'message').trim().split('\n').at(-1) ?? '';
  const more = textAt(waiting, 'message') || ended;
  return [`${textAt(status, 'name')}: ${reason}${more === '' ? '' : ` (${more})`}`];
}

export interface RolloutOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Of the Deployments that are waited for. */
  readonly names: readonly string[];
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Told whenever something has changed. */
  readonly progress: (line: string) => void;
}

const POLL_MS = 200;

/**
 * Waits until Deployments run as they are meant to, and those that they replace are gone. Gives what is still missing
 * when the time is over; pods that cannot end, because their node is lost, are nothing of the kind.
 */
export async function awaitRollout(options: RolloutOptions): Promise<string[]> {
  const { cluster, namespace, names, waitMs, signal, progress } = options;
  const deadline = Date.now() + waitMs;
  let shown = '';
  for (;;) {
    const [deployments, pods] = await Promise.all([
      listObjects(cluster, `/apis/apps/v1/namespaces/${namespace}/deployments`, signal),
      listObjects(cluster, `/api/v1/namespaces/${namespace}/pods`, signal),
    ]);
    const awaited = deployments.filter((one) => names.includes(textAt(one, 'metadata', 'name')));
    const missing = awaited.flatMap((one) => rolloutState(one) ?? []);
    const ending = awaited.flatMap((one) => endingPods(one, pods) ?? []);
    if (missing.length === 0 && (ending.length === 0 || Date.now() >= deadline)) return [];
    const state = missing.length === 0 ? ending : [...missing, ...podTroubles(pods)];
    if (state.join() !== shown) progress(state.join('; '));
    shown = state.join();
    if (Date.now() >= deadline) return state;
    await delay(POLL_MS, undefined, { signal });
  }
}
