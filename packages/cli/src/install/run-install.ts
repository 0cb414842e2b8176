import { writeFile } from 'node:fs/promises';
import { type DeepPartial, mergeValues } from '@weft/injector';
import { applyObjects } from '../apply/apply-objects.ts';
import type { GlobalFlags } from '../cluster/flags.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { chartValues } from '../helm/chart-values.ts';
import { renderChart } from '../helm/render-chart.ts';
import { readValueFlags } from '../helm/value-flags.ts';
import type { JsonObject } from '../manifest/json.ts';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import { write } from '../terminal/write.ts';
import { anchorSecret, controlPlaneObjects, injectsByDefault } from './control-plane-objects.ts';
import { assertCrdsPresent, assertGatewayApiFree, listCrds } from './crds.ts';
import { flagValues } from './flag-values.ts';
import type { ControlPlaneFlags } from './flags.ts';
import { completeIdentity } from './identity-values.ts';
import { InstallError } from './install-error.ts';
import { installControlPlane, isInstalled, kubeVersionOf, type Site } from './installation.ts';
import { orInterrupted } from './interruption.ts';
import { nextSteps } from './next-steps.ts';
import { type OutputMode, outputMode } from './output-mode.ts';
import { printedObjects } from './print-objects.ts';

export interface InstallFlags extends GlobalFlags, ControlPlaneFlags {
  readonly ignoreCluster?: boolean;
  readonly trustAnchorKeyFile?: string;
  readonly storeTrustAnchorKey?: boolean;
}

/** What charts are rendered for where no cluster is asked. */
const ASSUMED_KUBE_VERSION = 'v1.34.0';

const LEFT =
  'what was applied stays in the cluster and goes on starting. weft check shows how far it is, weft upgrade --apply does the rest, and weft uninstall --apply takes it away again';

const progress = (line: string) => void process.stderr.write(`${line}\n`);

/** Installs the control plane, or prints it. */
export function runInstall(flags: InstallFlags & FlagValues, signal: AbortSignal): Promise<number> {
  return orInterrupted(prepareAndInstall(flags, signal), signal, 'nothing was changed');
}

async function prepareAndInstall(flags: InstallFlags & FlagValues, signal: AbortSignal): Promise<number> {
  const { ignoreCluster = false, linkerdNamespace: namespace, wait: waitMs } = flags;
  const mode = outputMode(flags, { isTerminal: process.stdout.isTTY, ignoresCluster: ignoreCluster });
  const site = ignoreCluster
    ? undefined
    : { cluster: await openCluster(flags), namespace, waitMs, signal, progress };
  const kubeVersion = site === undefined ? ASSUMED_KUBE_VERSION : await kubeVersionOf(site);
  const given = mergeValues(
    await flagValues(flags),
    (await readValueFlags(flags, signal)) as DeepPartial<JsonObject>,
  );
  const lookIn = ignoreCluster ? undefined : flags;
  const rendering = { namespace, kubeVersion, lookIn, signal };

  if (flags.crds) {
    const crds = await renderChart({ chart: 'weft-crds', values: given, ...rendering });
    if (site !== undefined) assertGatewayApiFree(crds, await listCrds(site.cluster, signal));
    return finishCrds(crds, mode, site);
  }
  const crds = await renderChart({ chart: 'weft-crds', values: {}, ...rendering });
  if (site !== undefined) await assertInstallable(crds, mode, site);
  const chosen = flags.ha
    ? mergeValues(await chartValues('values-ha.yaml'), given as DeepPartial<JsonObject>)
    : given;
  const { values, madeAnchor } = completeIdentity(chosen, namespace, Date.now());
  const objects = await controlPlaneObjects({ values, ...rendering });
  if (madeAnchor !== undefined && flags.storeTrustAnchorKey)
    objects.push(anchorSecret(namespace, madeAnchor));
  if (madeAnchor !== undefined && flags.trustAnchorKeyFile !== undefined) {
    await writeKey(flags.trustAnchorKeyFile, madeAnchor.keyPem);
  }
  const anchorKey = madeAnchor && {
    file: flags.trustAnchorKeyFile,
    inCluster: flags.storeTrustAnchorKey ?? false,
  };
  const done = { namespace, anchorKey, injectsByDefault: injectsByDefault(values) };
  if (mode !== 'apply' || site === undefined) {
    await printAll(objects, mode, flags);
    return 0;
  }
  const applied = applyObjects(crds, site).then(() => installControlPlane(objects, site));
  await orInterrupted(applied, signal, LEFT);
  await write(process.stdout, `\n${nextSteps(done)}`);
  return 0;
}

async function assertInstallable(crds: readonly JsonObject[], mode: OutputMode, site: Site): Promise<void> {
  if (await isInstalled(site)) {
    throw new InstallError(
      'already_installed',
      `there is a control plane in namespace "${site.namespace}" already; use weft upgrade to change it`,
    );
  }
  if (mode !== 'apply') assertCrdsPresent(crds, await listCrds(site.cluster, site.signal));
}

async function finishCrds(
  crds: readonly JsonObject[],
  mode: OutputMode,
  site: Site | undefined,
): Promise<number> {
  if (mode !== 'apply' || site === undefined) {
    await write(process.stdout, printedObjects(crds, mode === 'json' ? 'json' : 'yaml'));
    progress('Once they are applied, weft install renders the control plane.');
    return 0;
  }
  await orInterrupted(applyObjects(crds, site), site.signal, 'some of the definitions may be there already');
  await write(process.stdout, '\nThe custom resource definitions are there. Next: weft install\n');
  return 0;
}

async function printAll(
  objects: readonly JsonObject[],
  mode: OutputMode,
  { output }: InstallFlags,
): Promise<void> {
  await write(process.stdout, printedObjects(objects, mode === 'json' ? 'json' : 'yaml'));
  if (output === undefined)
    progress('Printed, to be piped into kubectl apply -f -; --apply installs it instead.');
}

/** Never over a file that is there: it may be the only copy of another key. */
async function writeKey(path: string, keyPem: string): Promise<void> {
  try {
    await writeFile(path, keyPem, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new InstallError(
      'file_exists',
      `${path} exists; the key of a trust anchor is written to a new file`,
      cause,
    );
  }
}
