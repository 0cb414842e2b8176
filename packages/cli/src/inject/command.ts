import { readFile } from 'node:fs/promises';
import { type DeepPartial, defaultValues, type InjectorValues, mergeValues } from '@weft/injector';
import { Command } from 'commander';
import { readControlPlaneValues } from '../cluster/control-plane-values.ts';
import type { GlobalFlags } from '../cluster/flags.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { endedByUser } from '../ended-by-user.ts';
import { chartValues } from '../helm/chart-values.ts';
import { manifestFormat, readDocuments, renderDocuments } from '../manifest/document.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { readInput } from '../manifest/read-input.ts';
import { requireSource, transformProblems } from '../manifest/source.ts';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import { report } from '../report.ts';
import { marks } from '../terminal/marks.ts';
import { write } from '../terminal/write.ts';
import { addInjectFlags, type InjectFlags } from './flags.ts';
import { injectDocuments } from './inject-documents.ts';
import { planOf } from './plan.ts';
import { renderReport } from './report.ts';

type Flags = GlobalFlags & InjectFlags & FlagValues;

/** `weft inject`: manifests in, manifests that ask for a proxy (or hold it) out. */
export function injectCommand(): Command {
  const command = new Command('inject')
    .description('add the proxy, or the annotations that ask for it, to Kubernetes manifests')
    .argument('[source]', 'file, folder, HTTPS URL, or - for standard input')
    .action((source: string | undefined, _: object, self: Command) =>
      report(runInject(source, self.optsWithGlobals<Flags>())),
    );
  return addInjectFlags(command);
}

async function runInject(source: string | undefined, flags: Flags): Promise<number> {
  if (flags.disableIdentity) {
    throw new ManifestError(
      'not_injectable',
      '--disable-identity is gone: the mesh always proves identities',
    );
  }
  const format = manifestFormat(flags.output);
  const inputs = await readInput(requireSource(source), process.stdin);
  const plan = planOf(flags, await valuesFor(flags));
  const result = injectDocuments(
    inputs.flatMap(({ name, text }) => readDocuments(text, name)),
    plan,
  );
  if (result.kind === 'failed') {
    await write(process.stderr, transformProblems(result.problems));
    return 1;
  }
  await write(process.stdout, renderDocuments(result.documents, format));
  const { verbose = false } = flags;
  await write(process.stderr, renderReport(result.reports, { verbose, marks: marks(process.stderr.isTTY) }));
  return 0;
}

/** What applies without any flag: the configuration of the cluster, or the chart's defaults. */
async function valuesFor(flags: Flags): Promise<InjectorValues> {
  const { linkerdNamespace, identityTrustAnchorsFile } = flags;
  const values = flags.ignoreCluster
    ? { ...(await chartDefaults()), linkerdNamespace }
    : await readControlPlaneValues(await openCluster(flags), linkerdNamespace, endedByUser());
  if (identityTrustAnchorsFile === undefined) return values;
  return { ...values, identityTrustAnchorsPEM: await readFile(identityTrustAnchorsFile, 'utf8') };
}

async function chartDefaults(): Promise<InjectorValues> {
  return mergeValues(defaultValues, (await chartValues('values.yaml')) as DeepPartial<InjectorValues>);
}
