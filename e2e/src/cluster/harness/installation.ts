import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../harness/wait-for.ts';
import { clusterUp } from './cluster.ts';
import { list, tryKubectl } from './kubectl.ts';
import { tryWeft, weft } from './weft.ts';

const CONTROL_PLANE = ['linkerd-identity', 'linkerd-destination', 'linkerd-proxy-injector'];

/** Where installations leave the keys of their trust anchors: they outlive a run, as an installation does. */
const keys = process.env.WEFT_CLUSTER_KEYS ?? join(tmpdir(), 'weft-cluster-keys');
mkdirSync(keys, { recursive: true, mode: 0o700 });

export const anchorKeyFile = join(keys, 'anchor.key');

/** Starts the cluster and sees to it that the control plane is installed and ready. For `beforeAll`. */
export async function installed(): Promise<void> {
  process.env.KUBECONFIG = await clusterUp();
  // The test before may have ended while a service was just coming back.
  const isThere =
    (await isInstalled()) && (await waitFor('a ready control plane', 60_000, isReady).catch(() => false));
  if (!isThere) await install();
}

async function isInstalled(): Promise<boolean> {
  const { status } = await tryKubectl(['get', 'deploy', '-n', 'linkerd', ...CONTROL_PLANE]);
  return status === 0;
}

async function isReady(): Promise<boolean> {
  const deployments = await list<{
    metadata: { name: string };
    status: { availableReplicas?: number; updatedReplicas?: number };
    spec: { replicas: number };
  }>('deploy', '-n', 'linkerd');
  return CONTROL_PLANE.every((name) =>
    deployments.some(
      ({ metadata, spec, status }) => metadata.name === name && status.availableReplicas === spec.replicas,
    ),
  );
}

/** Installs from whatever state to a ready control plane. What the one before had meshed does not trust the new one. */
export async function install(...args: readonly string[]): Promise<string> {
  await uninstall();
  await tryKubectl(['delete', 'namespace', 'shop', '--ignore-not-found', '--wait']);
  rmSync(anchorKeyFile, { force: true });
  return weft(['install', '--apply', '--trust-anchor-key-file', anchorKeyFile, ...args]);
}

export async function uninstall(): Promise<void> {
  await tryWeft(['uninstall', '--apply', '--force']);
  await tryKubectl(['delete', 'namespace', 'linkerd', '--ignore-not-found', '--wait']);
}
