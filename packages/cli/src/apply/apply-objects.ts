import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { getObject } from '../cluster/cluster.ts';
import { isClusterError } from '../cluster/cluster-error.ts';
import { type JsonObject, textAt } from '../manifest/json.ts';
import { ApiPaths } from './api-paths.ts';
import { conditionStatus } from './conditions.ts';
import { inReverseOrder, inStages } from './order.ts';

/** Who owns the fields that are applied. */
const FIELD_MANAGER = 'weft';
const POLL_MS = 250;

export interface ChangeOptions {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  /** Told of each object once it is done. */
  readonly progress: (line: string) => void;
}

/**
 * Makes objects what they are meant to be, by server-side apply: fields of others stay, fields in dispute become
 * ours. Definitions of kinds are waited for, so that objects of these kinds can follow.
 */
export async function applyObjects(objects: readonly JsonObject[], options: ChangeOptions): Promise<void> {
  const paths = new ApiPaths(options.cluster, options.signal);
  for (const stage of inStages(objects)) {
    await Promise.all(stage.map((object) => applyObject(object, paths, options)));
  }
}

async function applyObject(object: JsonObject, paths: ApiPaths, options: ChangeOptions): Promise<void> {
  const { cluster, signal, progress } = options;
  const path = await paths.of(object);
  await cluster.call({
    method: 'PATCH',
    path,
    query: { fieldManager: FIELD_MANAGER, force: true },
    contentType: 'application/apply-patch+yaml',
    body: object,
    signal,
  });
  if (textAt(object, 'kind') === 'CustomResourceDefinition') await established(path, options);
  progress(`${nameOf(object)} applied`);
}

async function established(path: string, { cluster, signal }: ChangeOptions): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(30_000)]);
  for (;;) {
    const definition = await getObject(cluster, path, signal);
    if (conditionStatus(definition, 'Established') === 'True') return;
    await delay(POLL_MS, undefined, { signal: deadline });
  }
}

/** Removes objects, and waits until they and all that belongs to them are gone. Those that are gone are no error. */
export async function deleteObjects(objects: readonly JsonObject[], options: ChangeOptions): Promise<void> {
  const { cluster, signal, progress } = options;
  const paths = new ApiPaths(cluster, signal);
  const pending: { readonly path: string; readonly object: JsonObject }[] = [];
  for (const object of inReverseOrder(objects)) {
    const path = await paths.of(object);
    try {
      await cluster.call({ method: 'DELETE', path, query: { propagationPolicy: 'Foreground' }, signal });
      pending.push({ path, object });
    } catch (error) {
      if (!isClusterError(error, 'not_found')) throw error;
    }
  }
  for (const { path, object } of pending) {
    while ((await getObject(cluster, path, signal)) !== undefined) {
      await delay(POLL_MS, undefined, { signal });
    }
    progress(`${nameOf(object)} removed`);
  }
}

/** `deployment/linkerd-identity` */
export function nameOf(object: JsonObject): string {
  return `${textAt(object, 'kind').toLowerCase()}/${textAt(object, 'metadata', 'name')}`;
}
