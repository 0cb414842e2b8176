import { Command, Option } from 'commander';
import { parseDuration } from '../duration.ts';
import { endedByUser } from '../ended-by-user.ts';
import { report } from '../report.ts';
import type { CheckFlags } from './run-check.ts';

/** `weft check`: whether everything is as it has to be. Exits with 1 when anything but a warning is not. */
export function checkCommand(): Command {
  return new Command('check')
    .description('check the cluster, the control plane and the proxies')
    .option('--pre', 'check what an installation needs')
    .addOption(new Option('--crds', 'check that the CRDs are installed').conflicts('pre'))
    .addOption(new Option('--proxy', 'also check every proxy').conflicts('pre'))
    .option('-n, --namespace <name>', 'namespace of the proxies to check; default: all')
    .addOption(
      new Option('-o, --output <format>', 'how to print')
        .choices(['table', 'short', 'json'])
        .default('table'),
    )
    .option('--wait <duration>', 'how long to wait for what may yet come right', parseDuration, 300_000)
    .option(
      '--fail-if-expires-within <duration>',
      'fail when a certificate expires so soon, such as 30d',
      parseDuration,
    )
    .addOption(new Option('--cli-version-override <version>').hideHelp())
    .action((_: object, self: Command) => report(check(self.optsWithGlobals<CheckFlags>())));
}

async function check(flags: CheckFlags): Promise<number> {
  const { runCheck } = await import('./run-check.ts');
  return runCheck(flags, endedByUser());
}
