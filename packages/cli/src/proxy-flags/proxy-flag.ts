import { Option } from 'commander';

/** An option that stands for one value of the control plane's chart, and for the annotation that overrides it. */
export interface ProxyFlag {
  readonly option: Option;
  /** Where the value stands in the chart. */
  readonly path: readonly string[];
  readonly annotation: string;
}

/** What commander has read, by the options' names. */
export type FlagValues = Readonly<Record<string, unknown>>;

type Parse = (text: string, previous?: never) => unknown;

export interface FlagExtras {
  readonly parse?: Parse;
  readonly choices?: readonly string[];
  /** Deprecated: it works, and help does not show it. */
  readonly hidden?: boolean;
}

/** `path` is dotted; the annotation is under `config.linkerd.io/` unless it has a prefix of its own. */
export function proxyFlag(
  flags: string,
  description: string,
  path: string,
  annotation: string,
  { parse, choices, hidden = false }: FlagExtras = {},
): ProxyFlag {
  const option = new Option(flags, description).hideHelp(hidden);
  if (parse !== undefined) option.argParser(parse as (text: string) => unknown);
  if (choices !== undefined) option.choices(choices);
  return {
    option,
    path: path.split('.'),
    annotation: annotation.includes('/') ? annotation : `config.linkerd.io/${annotation}`,
  };
}
