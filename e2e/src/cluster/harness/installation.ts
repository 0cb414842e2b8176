import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  if (!(await isReady())) await install();
}

async function isReady(): Promise<boolean> {
  const { status } = await tryKubectl(['get', 'namespace', 'linkerd']);
  if (status !== 0) return false;
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

/** Installs from whatever state to a ready control plane. */
export async function install(...args: readonly string[]): Promise<string> {
  await uninstall();
  rmSync(anchorKeyFile, { force: true });
  return weft(['install', '--apply', '--trust-anchor-key-file', anchorKeyFile, ...args]);
}

export async function uninstall(): Promise<void> {
  await tryWeft(['uninstall', '--apply', '--force']);
  await tryKubectl(['delete', 'namespace', 'linkerd', '--ignore-not-found', '--wait']);
}
