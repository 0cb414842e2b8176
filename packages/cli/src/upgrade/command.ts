import { Command } from 'commander';
import { endedByUser } from '../ended-by-user.ts';
import { addControlPlaneFlags } from '../install/flags.ts';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import { report } from '../report.ts';
import type { UpgradeFlags } from './run-upgrade.ts';

/** `weft upgrade`: what is installed, with other values or of another version. */
export function upgradeCommand(): Command {
  const command = new Command('upgrade')
    .description('change the control plane: applied from a terminal or with --apply, printed otherwise')
    .option('--force', 'also when running proxies do not trust the new issuer')
    .option(
      '--from-manifests <file>',
      'begin with the values in these manifests in place of those in the cluster',
    );
  return addControlPlaneFlags(command, { isInstall: false }).action((_: object, self: Command) =>
    report(upgrade(self.optsWithGlobals<UpgradeFlags & FlagValues>())),
  );
}

async function upgrade(flags: UpgradeFlags & FlagValues): Promise<number> {
  const { runUpgrade } = await import('./run-upgrade.ts');
  return runUpgrade(flags, endedByUser());
}
