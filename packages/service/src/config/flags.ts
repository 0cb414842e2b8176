import type { ConfigProblem } from './config-error.ts';

export interface ParsedFlags {
  readonly values: ReadonlyMap<string, string>;
  readonly help: boolean;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Flags as Go's `flag` package takes them: `-name value`, `-name=value`, one dash or two, a switch alone means
 * true. The last one given wins. `switches` are the flags that take no separate value.
 */
export function parseFlags(
  argv: readonly string[],
  known: ReadonlySet<string>,
  switches: ReadonlySet<string>,
): ParsedFlags {
  const values = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  let help = false;
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index]!;
    const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(argument);
    if (match === null) {
      problems.push({
        key: argument,
        value: undefined,
        problem: 'is not a flag, and no arguments are expected',
      });
      continue;
    }
    const [, name = '', inline] = match;
    if (name === 'help' || name === 'h') help = true;
    else if (!known.has(name))
      problems.push({ key: `-${name}`, value: inline, problem: 'is not a known flag; -help lists them' });
    else if (inline !== undefined) values.set(name, inline);
    else if (switches.has(name)) values.set(name, 'true');
    else if (index + 1 < argv.length) values.set(name, argv[++index]!);
    else problems.push({ key: `-${name}`, value: undefined, problem: 'needs a value' });
  }
  return { values, help, problems };
}
