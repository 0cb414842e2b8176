import type { Command } from 'commander';

/** What can follow at one place of the command line. */
export interface CompletionNode {
  /** The words that lead here, such as `local run`; empty for the program itself. */
  readonly path: string;
  readonly candidates: readonly Candidate[];
}

export interface Candidate {
  readonly word: string;
  readonly description: string;
  /** A command leads to a node of its own. */
  readonly isCommand: boolean;
}

/** Every place of the command line, from the program down. Hidden options stay hidden. */
export function completionNodes(program: Command): CompletionNode[] {
  const global = optionsOf(program);
  const visit = (command: Command, path: readonly string[]): CompletionNode[] => {
    const { commands } = command;
    const own = command === program ? global : [...optionsOf(command), ...global];
    const node = {
      path: path.join(' '),
      candidates: [
        ...commands.map((child) => ({
          word: child.name(),
          description: child.description(),
          isCommand: true,
        })),
        ...own,
      ],
    };
    return [node, ...commands.flatMap((child) => visit(child, [...path, child.name()]))];
  };
  return visit(program, []);
}

function optionsOf(command: Command): Candidate[] {
  return command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', description, isCommand: false }));
}

/** The paths of all commands, each of which is a step to its node. */
export function commandPaths(nodes: readonly CompletionNode[]): string[] {
  return nodes.map(({ path }) => path).filter((path) => path !== '');
}
