import { Command } from 'commander';
import { localCommand } from './local.ts';

/** The whole command line. */
export function createProgram(): Command {
  return new Command('weft')
    .description('A service mesh that speaks Linkerd’s protocols')
    .showHelpAfterError()
    .addCommand(localCommand());
}
