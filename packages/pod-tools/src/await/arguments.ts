import { parseDuration } from '../duration.ts';
import { UsageError } from '../usage-error.ts';

export interface AwaitOptions {
  /** The proxy's admin port. */
  readonly port: number;
  readonly backoffMs: number;
  /** Undefined: for ever. */
  readonly timeoutMs: number | undefined;
  /** Whether a proxy that does not get ready in time keeps the command from being run. */
  readonly timeoutFatal: boolean;
  /** Whether to tell the proxy to shut down after the command. */
  readonly shutdown: boolean;
  readonly verbose: boolean;
  /** The command and its arguments; empty: only wait. */
  readonly command: readonly string[];
}

type Draft = { -readonly [K in keyof AwaitOptions]: AwaitOptions[K] };

interface Option {
  readonly names: readonly string[];
  /** `optional` values are written after `=` only. */
  readonly value: 'none' | 'required' | 'optional';
  readonly needsCommand?: boolean;
  readonly set: (draft: Draft, text: string) => boolean;
}

const isPort = (port: number) => Number.isInteger(port) && port > 0 && port < 65_536;

function duration(set: (draft: Draft, ms: number) => void): Option['set'] {
  return (draft, text) => {
    const ms = parseDuration(text);
    if (ms !== undefined) set(draft, ms);
    return ms !== undefined;
  };
}

const OPTIONS: readonly Option[] = [
  {
    names: ['-p', '--port'],
    value: 'required',
    set: (draft, text) => {
      draft.port = /^\d+$/.test(text) ? Number(text) : -1;
      return isPort(draft.port);
    },
  },
  {
    names: ['-b', '--backoff'],
    value: 'required',
    set: duration((draft, ms) => {
      draft.backoffMs = ms;
    }),
  },
  {
    names: ['-t', '--timeout'],
    value: 'required',
    set: duration((draft, ms) => {
      draft.timeoutMs = ms === 0 ? undefined : ms;
    }),
  },
  {
    names: ['--timeout-fatal'],
    value: 'optional',
    needsCommand: true,
    set: (draft, text) => {
      draft.timeoutFatal = text !== 'false';
      return ['', 'true', 'false'].includes(text);
    },
  },
  {
    names: ['-S', '--shutdown'],
    value: 'none',
    needsCommand: true,
    set: (draft) => (draft.shutdown = true),
  },
  { names: ['-v', '--verbose'], value: 'none', set: (draft) => (draft.verbose = true) },
];

/** Splits `--name=value`, `-n=value` and `-nvalue`. */
function split(argument: string): readonly [name: string, value: string | undefined] {
  const equals = argument.indexOf('=');
  if (equals > 0) return [argument.slice(0, equals), argument.slice(equals + 1)];
  if (/^-[a-zA-Z]./.test(argument)) return [argument.slice(0, 2), argument.slice(2)];
  return [argument, undefined];
}

/** Reads the arguments up to the command, whose own are left as they are. @throws UsageError */
export function parseArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): AwaitOptions {
  const draft: Draft = {
    ...{ port: 4191, backoffMs: 1000, timeoutMs: undefined, timeoutFatal: true, shutdown: false },
    verbose: isOn(env.LINKERD_AWAIT_VERBOSE),
    command: [],
  };
  const rest = [...argv];
  const needing: string[] = [];
  while (rest[0]?.startsWith('-') && rest[0] !== '-') {
    const argument = rest.shift()!;
    if (argument === '--') break;
    const [name, inline] = split(argument);
    const option = OPTIONS.find(({ names }) => names.includes(name));
    if (option === undefined) throw new UsageError(`${name} is not an option`);
    const text = textOf(option, name, inline, rest);
    if (!option.set(draft, text)) throw new UsageError(`${name} cannot be ${JSON.stringify(text)}`);
    if (option.needsCommand) needing.push(name);
  }
  draft.command = rest;
  if (rest.length === 0 && needing.length > 0) throw new UsageError(`${needing[0]} needs a command to run`);
  return draft;
}

function textOf({ value }: Option, name: string, inline: string | undefined, rest: string[]): string {
  if (value === 'none' && inline !== undefined) throw new UsageError(`${name} takes no value`);
  if (value !== 'required') return inline ?? '';
  const text = inline ?? rest.shift();
  if (text === undefined) throw new UsageError(`${name} needs a value`);
  return text;
}

function isOn(text: string | undefined): boolean {
  return text !== undefined && !['', '0', 'false', 'no', 'off', 'n', 'f'].includes(text.toLowerCase());
}
