import { type Cluster, getObject, listObjects } from '../cluster/cluster.ts';
import { CONFIG_MAP, configMapPath, valuesOf } from '../cluster/control-plane-values.ts';
import type { GlobalFlags } from '../cluster/flags.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { textAt } from '../manifest/json.ts';
import { CONTROL_PLANE_NAMESPACE_LABEL, proxyVersionOf } from '../mesh/meshed-pod.ts';
import { clientVersion } from './client-version.ts';
import type { Versions } from './render-versions.ts';

export interface VersionFlags extends GlobalFlags {
  readonly client?: boolean;
  readonly proxy?: boolean;
  readonly namespace?: string;
}

/** Asks what it can reach; a cluster that cannot be asked is part of the answer. */
export async function findVersions(flags: VersionFlags, signal: AbortSignal): Promise<Versions> {
  const client = clientVersion();
  if (flags.client) return { client };
  const cluster = await openCluster(flags).catch(() => undefined);
  const server = await serverVersion(cluster, flags, signal).catch(() => 'unavailable');
  if (!flags.proxy) return { client, server };
  return { client, server, proxies: await proxyVersions(cluster, flags, signal).catch(() => new Map()) };
}

async function serverVersion(
  cluster: Cluster | undefined,
  flags: VersionFlags,
  signal: AbortSignal,
): Promise<string> {
  const path = configMapPath(flags.linkerdNamespace, CONFIG_MAP);
  const config = cluster && (await getObject(cluster, path, signal));
  return (config && textAt(valuesOf(config), 'linkerdVersion')) || 'unavailable';
}

async function proxyVersions(
  cluster: Cluster | undefined,
  { linkerdNamespace, namespace }: VersionFlags,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  if (cluster === undefined) return versions;
  const path = namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${namespace}/pods`;
  const labelSelector = `${CONTROL_PLANE_NAMESPACE_LABEL}=${linkerdNamespace}`;
  for (const pod of await listObjects(cluster, path, signal, { labelSelector })) {
    const version = proxyVersionOf(pod);
    if (version !== '') versions.set(version, (versions.get(version) ?? 0) + 1);
  }
  return versions;
}
