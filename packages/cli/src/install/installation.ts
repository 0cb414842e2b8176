import { applyObjects } from '../apply/apply-objects.ts';
import { awaitRollout } from '../apply/rollout.ts';
import { type Cluster, getObject } from '../cluster/cluster.ts';
import { CONFIG_MAP, configMapPath } from '../cluster/control-plane-values.ts';
import { type JsonObject, textAt } from '../manifest/json.ts';
import { InstallError } from './install-error.ts';

/** Where and how an installation is worked on. */
export interface Site {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** A line for whoever waits. */
  readonly progress: (line: string) => void;
}

export async function isInstalled({ cluster, namespace, signal }: Site): Promise<boolean> {
  return (await getObject(cluster, configMapPath(namespace, CONFIG_MAP), signal)) !== undefined;
}

/** The version of Kubernetes, such as `v1.34.0`; vendors' suffixes are left out, for charts compare it. */
export async function kubeVersionOf({ cluster, signal }: Pick<Site, 'cluster' | 'signal'>): Promise<string> {
  const { body } = await cluster.call({ path: '/version', signal });
  return /^v?\d+\.\d+\.\d+/.exec(textAt(body, 'gitVersion'))?.[0] ?? textAt(body, 'gitVersion');
}

const WEBHOOKS = new Set(['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']);

/**
 * Applies a control plane that was not there before. The API server is told of the webhooks once they answer, so
 * that in the meantime nothing in the cluster waits for them or is refused.
 * @throws InstallError `not_ready` with what is missing.
 */
export async function installControlPlane(objects: readonly JsonObject[], site: Site): Promise<void> {
  const isWebhook = (object: JsonObject) => WEBHOOKS.has(textAt(object, 'kind'));
  await applyControlPlane(
    objects.filter((object) => !isWebhook(object)),
    site,
  );
  await applyObjects(objects.filter(isWebhook), site);
}

/** Applies a control plane and waits until it is ready. @throws InstallError `not_ready` with what is missing. */
export async function applyControlPlane(objects: readonly JsonObject[], site: Site): Promise<void> {
  await applyObjects(objects, site);
  const names = objects
    .filter((object) => textAt(object, 'kind') === 'Deployment')
    .map((object) => textAt(object, 'metadata', 'name'));
  const missing = await awaitRollout({ ...site, names });
  if (missing.length === 0) return;
  throw new InstallError(
    'not_ready',
    `the control plane is not ready after ${Math.round(site.waitMs / 1000)} s: ${missing.join('; ')}. It stays as it is: see weft check, and weft upgrade to go on`,
  );
}
