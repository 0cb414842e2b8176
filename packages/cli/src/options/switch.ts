import { type Command, Option } from 'commander';

/**
 * Adds a switch that can be turned on (`--ha`, `--ha=true`) and off (`--no-ha`, `--ha=false`), undefined where
 * nothing is said. `withSwitchValues` makes the forms with a value readable.
 */
export function addSwitch(command: Command, name: string, description: string): Command {
  return command
    .addOption(new Option(`--${name}`, description))
    .addOption(new Option(`--no-${name}`).hideHelp());
}

const ON = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const OFF = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Long names of the options of a command, and of those below it, that take no value. */
function switchesOf(command: Command): Set<string> {
  const own = command.options.filter(({ required, optional }) => !required && !optional);
  const names = new Set(own.map(({ long }) => long ?? ''));
  for (const child of command.commands) for (const name of switchesOf(child)) names.add(name);
  return names;
}

/**
 * Arguments in which `--name=true` and `--name=false`, as Go programs take them, are written `--name` and
 * `--no-name`. What follows `--` is somebody else's.
 */
export function withSwitchValues(program: Command, argv: readonly string[]): string[] {
  const switches = switchesOf(program);
  const end = argv.indexOf('--');
  return argv.map((argument, index) => {
    const match = /^(--[^=]+)=(.*)$/.exec(argument);
    if (match === null || (end >= 0 && index > end)) return argument;
    const [, name = '', value = ''] = match;
    if (!switches.has(name)) return argument;
    if (ON.has(value)) return name;
    const negation = `--no-${name.slice(2)}`;
    return OFF.has(value) && switches.has(negation) ? negation : argument;
  });
}
