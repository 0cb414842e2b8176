import { Command } from 'commander';
import { deleteObjects } from '../apply/apply-objects.ts';
import { type Cluster, getObject, listObjects } from '../cluster/cluster.ts';
import type { GlobalFlags } from '../cluster/flags.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { endedByUser } from '../ended-by-user.ts';
import { OVERRIDES_SECRET } from '../install/control-plane-objects.ts';
import { addOutputFlags, type OutputFlags } from '../install/flags.ts';
import { InstallError } from '../install/install-error.ts';
import { orInterrupted } from '../install/interruption.ts';
import { outputMode } from '../install/output-mode.ts';
import { printedObjects } from '../install/print-objects.ts';
import { textAt } from '../manifest/json.ts';
import { report } from '../report.ts';
import { write } from '../terminal/write.ts';
import { findInstallation, podsStillMeshed } from './find-installation.ts';

interface Flags extends GlobalFlags, OutputFlags {
  readonly force?: boolean;
}

const progress = (line: string) => void process.stderr.write(`${line}\n`);

/** `weft uninstall`: removes everything, or prints it for `kubectl delete -f -`. */
export function uninstallCommand(): Command {
  const command = new Command('uninstall')
    .description('remove the control plane: from a terminal or with --apply, else print what to delete')
    .option('--force', 'also while pods have proxies, or when Helm installed it');
  return addOutputFlags(command).action((_: object, self: Command) =>
    report(uninstall(self.optsWithGlobals<Flags>(), endedByUser())),
  );
}

async function uninstall(flags: Flags, signal: AbortSignal): Promise<number> {
  const { linkerdNamespace: namespace, force = false } = flags;
  const mode = outputMode(flags, { isTerminal: process.stdout.isTTY, ignoresCluster: false });
  const cluster = await openCluster(flags);
  const objects = await findInstallation(cluster, namespace, signal);
  if (objects.length === 0) {
    progress(`There is nothing of a control plane of namespace "${namespace}" in the cluster.`);
    return 0;
  }
  if (!force) await assertUnused(cluster, namespace, signal);
  if (mode !== 'apply') {
    await write(process.stdout, printedObjects(objects, mode));
    return 0;
  }
  const timeout = AbortSignal.timeout(flags.wait);
  try {
    const removed = deleteObjects(objects, { cluster, signal: AbortSignal.any([signal, timeout]), progress });
    await orInterrupted(
      removed,
      signal,
      'what was asked to go goes on ending. weft uninstall again does the rest',
    );
  } catch (error) {
    if (!timeout.aborted) throw error;
    throw new InstallError(
      'not_ready',
      `not everything is gone after ${flags.wait / 1000} s; what is left goes on ending, or has a finalizer`,
      error,
    );
  }
  await write(process.stdout, '\nThe control plane is gone.\n');
  return 0;
}

async function assertUnused(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> {
  const [pods, extensions, secret] = await Promise.all([
    listObjects(cluster, '/api/v1/pods', signal),
    listObjects(cluster, '/api/v1/namespaces', signal, { labelSelector: 'linkerd.io/extension' }),
    getObject(cluster, `/api/v1/namespaces/${namespace}/secrets/${OVERRIDES_SECRET}`, signal),
  ]);
  const meshed = podsStillMeshed(pods, namespace);
  const remaining = [
    ...extensions.map((one) => `extension ${textAt(one, 'metadata', 'labels', 'linkerd.io/extension')}`),
    ...meshed.slice(0, 20).map((pod) => `pod ${pod}`),
    ...(meshed.length > 20 ? [`${meshed.length - 20} pods more`] : []),
  ];
  if (remaining.length > 0) {
    throw new InstallError(
      'pods_still_meshed',
      `the mesh is in use; take these out of it first, or use --force:\n  ${remaining.join('\n  ')}`,
    );
  }
  if (secret === undefined) {
    throw new InstallError(
      'installed_by_helm',
      `Secret ${OVERRIDES_SECRET} is missing in namespace "${namespace}": if the control plane was installed by Helm, use helm uninstall; or --force`,
    );
  }
}
