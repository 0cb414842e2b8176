import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { Cluster } from '../cluster/cluster.ts';
import type { GlobalFlags } from '../cluster/flags.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { parseDuration } from '../duration.ts';
import { endedByUser } from '../ended-by-user.ts';
import { report } from '../report.ts';
import { clientVersion } from '../version/client-version.ts';
import type { Category, CheckContext } from './engine/check.ts';
import { type CheckFormat, jsonDisplay, liveDisplay } from './engine/live-display.ts';
import { runChecks } from './engine/run-checks.ts';
import { FetchedState } from './fetched-state.ts';
import { canInitialize } from './kubernetes/client-check.ts';
import { modes } from './modes.ts';

interface Flags extends GlobalFlags {
  readonly pre?: boolean;
  readonly crds?: boolean;
  readonly proxy?: boolean;
  readonly namespace?: string;
  readonly output: CheckFormat | 'json';
  readonly wait: number;
  readonly failIfExpiresWithin?: number;
  readonly cliVersionOverride?: string;
}

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
    .action((_: object, self: Command) => report(check(self.optsWithGlobals<Flags>())));
}

function categoriesFor({ pre, crds, proxy }: Flags): readonly Category[] {
  if (pre) return modes.pre;
  if (crds) return modes.crds;
  return proxy ? modes.proxy : modes.normal;
}

async function check(flags: Flags): Promise<number> {
  const { output, wait } = flags;
  const signal = endedByUser();
  const cluster = await openCluster(flags).catch((error: Error) => error);
  const display =
    output === 'json' ? jsonDisplay(process.stdout) : liveDisplay(output, process.stdout, process.stderr);
  const success = await runChecks([canInitialize(cluster), ...categoriesFor(flags)], {
    deadline: Date.now() + wait,
    now: Date.now,
    sleep: (ms) => delay(ms, undefined, { signal }),
    // Without a cluster the first check is the last.
    context: () => contextOf(cluster as Cluster, flags, signal),
    listener: display,
  });
  display.ended(success);
  return success ? 0 : 1;
}

function contextOf(cluster: Cluster, flags: Flags, signal: AbortSignal): CheckContext {
  return {
    state: new FetchedState(cluster, signal),
    namespace: flags.linkerdNamespace,
    dataPlaneNamespace: flags.namespace,
    clientVersion: flags.cliVersionOverride ?? clientVersion(),
    now: Date.now(),
    failIfExpiresWithinMs: flags.failIfExpiresWithin,
  };
}
