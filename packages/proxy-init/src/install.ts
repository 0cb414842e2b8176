import { availableBinaries, binariesOf } from './binaries.ts';
import { type Execute, inNamespace } from './execute.ts';
import { existingIn, NOTHING } from './existing.ts';
import type { Invocation } from './invocation.ts';
import type { Log } from './log.ts';
import type { Options } from './options.ts';
import { type Command, familiesOf, planFamily } from './plan.ts';
import { badPortItems } from './ports.ts';
import type { Family } from './subnets.ts';

/** The outside world of an installation. */
export interface System {
  execute: Execute;
  isInstalled: (program: string) => boolean;
  log: Log;
}

/** Brings about what the invocation asks for, family by family; stops at the first command that fails. */
export async function install(invocation: Invocation, system: System): Promise<void> {
  const { options, closeWaitSeconds, netns } = invocation;
  if (closeWaitSeconds > 0) {
    const setting = `net.netfilter.nf_conntrack_tcp_timeout_close_wait=${closeWaitSeconds}`;
    await runLogged(inNamespace(['sysctl', '-w', setting], netns), system);
  }
  reportBadPorts(options, system.log);
  for (const family of familiesOf(options)) await installFamily(invocation, family, system);
}

function reportBadPorts({ inboundPortsToIgnore, outboundPortsToIgnore }: Options, log: Log): void {
  for (const item of badPortItems([...inboundPortsToIgnore, ...outboundPortsToIgnore])) {
    log('error', `${JSON.stringify(item)} is neither a port nor a range of ports; it is left out`);
  }
}

async function installFamily(invocation: Invocation, family: Family, system: System): Promise<void> {
  const { options, simulate, netns } = invocation;
  const { log } = system;
  const binaries = availableBinaries(options.mode, family, system.isInstalled);
  const wanted = binariesOf(options.mode, family);
  if (binaries.set !== wanted.set) log('warn', `${wanted.set} is not installed; using ${binaries.set}`);
  const save = inNamespace([binaries.save, '-t', 'nat'], netns);
  const existing = simulate ? NOTHING : existingIn(await runLogged(save, system));
  for (const command of planFamily(options, family, { binaries, existing })) {
    const wrapped = inNamespace(command, netns);
    if (simulate) log('info', wrapped.join(' '));
    else await runLogged(wrapped, system);
  }
  if (simulate) return;
  // What came of it is for the log alone.
  await runLogged(save, system).catch((error: unknown) => log('warn', String(error)));
}

async function runLogged(command: Command, { execute, log }: System): Promise<string> {
  log('info', command.join(' '));
  const output = await execute(command);
  if (output.trim() !== '') log('debug', output.trimEnd());
  return output;
}
