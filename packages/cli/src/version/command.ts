import { Command } from 'commander';
import { endedByUser } from '../ended-by-user.ts';
import { report } from '../report.ts';
import { write } from '../terminal/write.ts';
import { findVersions, type VersionFlags } from './find-versions.ts';
import { renderVersions } from './render-versions.ts';

interface Flags extends VersionFlags {
  readonly short?: boolean;
}

/** `weft version`. A cluster that cannot be asked is no failure. */
export function versionCommand(): Command {
  return new Command('version')
    .description('print the versions of this program, of the control plane and of proxies')
    .option('--short', 'print the versions alone')
    .option('--client', 'print the version of this program alone')
    .option('--proxy', 'also print the versions of proxies')
    .option('-n, --namespace <name>', 'namespace of the proxies; default: all')
    .action((_: object, self: Command) => report(printVersions(self.optsWithGlobals<Flags>())));
}

async function printVersions(flags: Flags): Promise<number> {
  await write(process.stdout, renderVersions(await findVersions(flags, endedByUser()), flags.short ?? false));
  return 0;
}
