import { readFile } from 'node:fs/promises';
import { type DeepPartial, mergeValues } from '@weft/injector';
import { applyObjects } from '../apply/apply-objects.ts';
import { getObject, listObjects } from '../cluster/cluster.ts';
import type { GlobalFlags } from '../cluster/flags.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { chartValues } from '../helm/chart-values.ts';
import { renderChart } from '../helm/render-chart.ts';
import { readValueFlags } from '../helm/value-flags.ts';
import { controlPlaneObjects, OVERRIDES_SECRET } from '../install/control-plane-objects.ts';
import { assertGatewayApiFree, listCrds } from '../install/crds.ts';
import { flagValues } from '../install/flag-values.ts';
import type { ControlPlaneFlags } from '../install/flags.ts';
import { completeIdentity } from '../install/identity-values.ts';
import { InstallError } from '../install/install-error.ts';
import { applyControlPlane, kubeVersionOf, type Site } from '../install/installation.ts';
import { orInterrupted } from '../install/interruption.ts';
import { outputMode } from '../install/output-mode.ts';
import { printedObjects } from '../install/print-objects.ts';
import { readDocuments } from '../manifest/document.ts';
import { type JsonObject, textAt } from '../manifest/json.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { proxyContainerOf } from '../mesh/meshed-pod.ts';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import { write } from '../terminal/write.ts';
import { withIssuerInForce } from './issuer-in-force.ts';
import { podsThatDistrust } from './issuer-trust.ts';
import { secretAmong, storedValues } from './stored-values.ts';

export interface UpgradeFlags extends GlobalFlags, ControlPlaneFlags {
  readonly force?: boolean;
  readonly fromManifests?: string;
}

const ISSUER_SECRET = 'linkerd-identity-issuer';

type Flags = UpgradeFlags & FlagValues;

const progress = (line: string) => void process.stderr.write(`${line}\n`);

const LEFT =
  'the control plane is partly what it was and partly what it is to be, and goes on serving. weft upgrade again does the rest';

/** Upgrades the control plane, or prints what it would become. */
export function runUpgrade(flags: Flags, signal: AbortSignal): Promise<number> {
  return orInterrupted(prepareAndUpgrade(flags, signal), signal, 'nothing was changed');
}

async function prepareAndUpgrade(flags: Flags, signal: AbortSignal): Promise<number> {
  const { linkerdNamespace: namespace, wait: waitMs } = flags;
  const mode = outputMode(flags, { isTerminal: process.stdout.isTTY, ignoresCluster: false });
  const site: Site = { cluster: await openCluster(flags), namespace, waitMs, signal, progress };
  const rendering = { namespace, kubeVersion: await kubeVersionOf(site), lookIn: flags, signal };
  const given = mergeValues(
    await flagValues(flags),
    (await readValueFlags(flags, signal)) as DeepPartial<JsonObject>,
  );

  const crds = await renderChart({ chart: 'weft-crds', values: flags.crds ? given : {}, ...rendering });
  if (flags.crds) {
    assertGatewayApiFree(crds, await listCrds(site.cluster, signal));
    if (mode !== 'apply') await write(process.stdout, printedObjects(crds, mode));
    else await orInterrupted(applyObjects(crds, site), signal, LEFT);
    return 0;
  }
  const stored = await readStored(flags, site);
  const base = flags.ha
    ? mergeValues(stored, (await chartValues('values-ha.yaml')) as DeepPartial<JsonObject>)
    : stored;
  const { values } = completeIdentity(
    mergeValues(base, given as DeepPartial<JsonObject>),
    namespace,
    Date.now(),
  );
  await assertIssuerTrusted(stored, values, flags, site);
  const objects = await controlPlaneObjects({ values, ...rendering });
  if (mode !== 'apply') {
    await write(process.stdout, printedObjects(objects, mode));
    return 0;
  }
  const applied = applyObjects(crds, site).then(() => applyControlPlane(objects, site));
  await orInterrupted(applied, signal, LEFT);
  await write(
    process.stdout,
    '\nThe control plane is upgraded. Proxies follow when their workloads are restarted:\n  kubectl -n NAMESPACE rollout restart deploy\nweft check --proxy lists those that lag behind.\n',
  );
  return 0;
}

async function readStored(
  { fromManifests }: Flags,
  { cluster, namespace, signal }: Site,
): Promise<JsonObject> {
  if (fromManifests === undefined) {
    const path = `/api/v1/namespaces/${namespace}/secrets/${OVERRIDES_SECRET}`;
    const values = storedValues(await getObject(cluster, path, signal), namespace);
    const issuer = `/api/v1/namespaces/${namespace}/secrets/${ISSUER_SECRET}`;
    return withIssuerInForce(values, await getObject(cluster, issuer, signal), Date.now());
  }
  const documents = readDocuments(await readFile(fromManifests, 'utf8'), fromManifests);
  const objects = documents.map((document) => {
    if (document instanceof ManifestError) throw document;
    return document.content;
  });
  return storedValues(secretAmong(objects), namespace);
}

/** Refuses an issuer that proxies which run now would not trust; says so where the anchors change. */
async function assertIssuerTrusted(
  stored: JsonObject,
  values: JsonObject,
  { force = false }: Flags,
  { cluster, namespace, signal }: Site,
): Promise<void> {
  const issuerOf = (from: JsonObject) => textAt(from, 'identity', 'issuer', 'tls', 'crtPEM');
  if (textAt(stored, 'identityTrustAnchorsPEM') !== textAt(values, 'identityTrustAnchorsPEM')) {
    progress('‼ the trust anchors change: restart every meshed workload once the control plane is ready');
  }
  const issuer = issuerOf(values);
  if (force || issuer === '' || issuer === issuerOf(stored)) return;
  const pods = await listObjects(cluster, '/api/v1/pods', signal);
  const meshed = pods.filter(
    (pod) => textAt(pod, 'metadata', 'namespace') !== namespace && proxyContainerOf(pod) !== undefined,
  );
  const distrusting = podsThatDistrust(meshed, issuer);
  if (distrusting.length === 0) return;
  throw new InstallError(
    'issuer_unknown_to_pods',
    `proxies that run now do not trust the new issuer: ${distrusting.slice(0, 20).join(', ')}${distrusting.length > 20 ? ` and ${distrusting.length - 20} more` : ''}. Let them trust both anchors first, or use --force`,
  );
}
