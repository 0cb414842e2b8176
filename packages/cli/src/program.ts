import { Command } from 'commander';
import { checkCommand } from './check/command.ts';
import { addGlobalFlags } from './cluster/flags.ts';
import { completionCommand } from './completion/command.ts';
import { diagnosticsCommand } from './diagnostics/command.ts';
import { identityCommand } from './identity/command.ts';
import { injectCommand } from './inject/command.ts';
import { installCommand } from './install/command.ts';
import { localCommand } from './local.ts';
import { uninjectCommand } from './uninject/command.ts';
import { uninstallCommand } from './uninstall/command.ts';
import { upgradeCommand } from './upgrade/command.ts';
import { versionCommand } from './version/command.ts';

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('weft')
    .description('A service mesh that speaks Linkerd’s protocols')
    .showHelpAfterError()
    .addCommand(installCommand())
    .addCommand(upgradeCommand())
    .addCommand(uninstallCommand())
    .addCommand(injectCommand())
    .addCommand(uninjectCommand())
    .addCommand(checkCommand())
    .addCommand(identityCommand())
    .addCommand(diagnosticsCommand())
    .addCommand(localCommand())
    .addCommand(versionCommand())
    .addCommand(completionCommand());
  return addGlobalFlags(program);
}
