import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { parseFlags } from './flags.ts';

/** One setting: a flag, an environment variable of the same meaning, and how its text is read. */
export interface Setting<T extends z.ZodType<unknown, string> = z.ZodType<unknown, string>> {
  /** Name of the flag, without dashes. */
  readonly flag: string;
  /** Environment variable; by default the prefix and the flag in capitals. */
  readonly env?: string;
  readonly value: T;
  /** Text used when neither is given; without it the setting is required. */
  readonly default?: string;
  /** A flag that may stand alone and then means true. */
  readonly isSwitch?: boolean;
  readonly help: string;
}

export type Settings = Readonly<Record<string, Setting>>;

/** The typed configuration that a set of settings yields. */
export type Config<S extends Settings> = { readonly [K in keyof S]: z.output<S[K]['value']> };

export interface ConfigSource {
  /** The arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type ConfigResult<S extends Settings> =
  | { readonly kind: 'config'; readonly config: Config<S> }
  | { readonly kind: 'help'; readonly text: string };

/** Defines a setting; only there so that its type is inferred. */
export function setting<T extends z.ZodType<unknown, string>>(definition: Setting<T>): Setting<T> {
  return definition;
}

const envPrefix = 'WEFT_';

/** The environment variable of a setting. */
export function envName(definition: Setting): string {
  return definition.env ?? envPrefix + definition.flag.toUpperCase().replaceAll('-', '_');
}

/**
 * Reads every setting: the flag wins over the variable, the variable over the default. An empty variable counts
 * as absent.
 * @throws ConfigError naming each key and value that cannot be used.
 */
export function readConfig<S extends Settings>(settings: S, source: ConfigSource): ConfigResult<S> {
  const definitions = Object.entries(settings);
  const flags = parseFlags(
    source.argv,
    new Set(definitions.map(([, definition]) => definition.flag)),
    new Set(definitions.filter(([, { isSwitch }]) => isSwitch).map(([, { flag }]) => flag)),
  );
  if (flags.help) return { kind: 'help', text: usage(settings) };

  const problems: ConfigProblem[] = [...flags.problems];
  const config: Record<string, unknown> = {};
  for (const [name, definition] of definitions) {
    const { key, text } = lookUp(definition, flags.values, source.env);
    if (text === undefined) {
      problems.push({ key, value: undefined, problem: `is required; it is ${definition.help}` });
      continue;
    }
    const parsed = definition.value.safeParse(text);
    if (parsed.success) config[name] = parsed.data;
    else problems.push({ key, value: text, problem: parsed.error.issues.map((i) => i.message).join('; ') });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { kind: 'config', config: config as Config<S> };
}

function lookUp(definition: Setting, flags: ReadonlyMap<string, string>, env: ConfigSource['env']) {
  const flag = `-${definition.flag}`;
  const variable = envName(definition);
  const fromFlag = flags.get(definition.flag);
  if (fromFlag !== undefined) return { key: flag, text: fromFlag };
  const fromEnv = env[variable];
  if (fromEnv !== undefined && fromEnv !== '') return { key: variable, text: fromEnv };
  return { key: `${flag} (or ${variable})`, text: definition.default };
}

function usage(settings: Settings): string {
  return Object.values(settings)
    .map((definition) => {
      const fallback = definition.default === undefined ? 'required' : `default "${definition.default}"`;
      return `  -${definition.flag}\n        ${definition.help} (${fallback}; ${envName(definition)})`;
    })
    .join('\n');
}
