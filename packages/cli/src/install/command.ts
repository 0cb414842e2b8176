import { Command } from 'commander';
import { endedByUser } from '../ended-by-user.ts';
import { addSwitch } from '../options/switch.ts';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import { report } from '../report.ts';
import { addControlPlaneFlags } from './flags.ts';
import type { InstallFlags } from './run-install.ts';

/** `weft install`: the control plane, applied or printed (see `output-mode.ts`). */
export function installCommand(): Command {
  const command = new Command('install')
    .description('install the control plane: applied from a terminal or with --apply, printed otherwise')
    .option('--trust-anchor-key-file <path>', 'keep the key of a trust anchor that is made here in this file')
    .option('--store-trust-anchor-key', 'keep it in the cluster, as the Secret linkerd-trust-anchor');
  addSwitch(command, 'ignore-cluster', 'ask no cluster, and print');
  return addControlPlaneFlags(command, { isInstall: true }).action((_: object, self: Command) =>
    report(install(self.optsWithGlobals<InstallFlags & FlagValues>())),
  );
}

async function install(flags: InstallFlags & FlagValues): Promise<number> {
  const { runInstall } = await import('./run-install.ts');
  return runInstall(flags, endedByUser());
}
