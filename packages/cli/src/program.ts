import { Command } from 'commander';
import { addGlobalFlags } from './cluster/flags.ts';
import { injectCommand } from './inject/command.ts';
import { localCommand } from './local.ts';
import { uninjectCommand } from './uninject/command.ts';

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('weft')
    .description('A service mesh that speaks Linkerd’s protocols')
    .showHelpAfterError()
    .addCommand(injectCommand())
    .addCommand(uninjectCommand())
    .addCommand(localCommand());
  return addGlobalFlags(program);
}
