import { Argument, Command } from 'commander';
import { report } from '../report.ts';
import { write } from '../terminal/write.ts';
import { bashCompletion } from './bash.ts';
import { completionNodes } from './command-tree.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** The names this program is installed under. */
const PROGRAMS = ['weft', 'linkerd'];

/** `weft completion SHELL`: a script that knows the whole command line. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS, _: object, self: Command) => {
      const nodes = completionNodes(self.parent ?? self);
      return report(write(process.stdout, SHELLS[shell](nodes, PROGRAMS)).then(() => 0));
    });
}
