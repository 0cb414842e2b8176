import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import type { GlobalFlags } from '../cluster/flags.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { clientVersion } from '../version/client-version.ts';
import type { Category, CheckContext } from './engine/check.ts';
import { type CheckFormat, jsonDisplay, liveDisplay } from './engine/live-display.ts';
import { runChecks } from './engine/run-checks.ts';
import { FetchedState } from './fetched-state.ts';
import { canInitialize } from './kubernetes/client-check.ts';
import { modes } from './modes.ts';

export interface CheckFlags extends GlobalFlags {
  readonly pre?: boolean;
  readonly crds?: boolean;
  readonly proxy?: boolean;
  readonly namespace?: string;
  readonly output: CheckFormat | 'json';
  /** In ms, as the next one. */
  readonly wait: number;
  readonly failIfExpiresWithin?: number;
  readonly cliVersionOverride?: string;
}

function categoriesFor({ pre, crds, proxy }: CheckFlags): readonly Category[] {
  if (pre) return modes.pre;
  if (crds) return modes.crds;
  return proxy ? modes.proxy : modes.normal;
}

/** Runs the checks that the flags ask for. Gives the status to exit with. */
export async function runCheck(flags: CheckFlags, signal: AbortSignal): Promise<number> {
  const { output, wait } = flags;
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

function contextOf(cluster: Cluster, flags: CheckFlags, signal: AbortSignal): CheckContext {
  return {
    state: new FetchedState(cluster, signal),
    namespace: flags.linkerdNamespace,
    dataPlaneNamespace: flags.namespace,
    clientVersion: flags.cliVersionOverride ?? clientVersion(),
    now: Date.now(),
    failIfExpiresWithinMs: flags.failIfExpiresWithin,
  };
}
