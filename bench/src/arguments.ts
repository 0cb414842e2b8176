import { parseArgs } from 'node:util';

import { CONTENDERS, type ContenderName } from './contender.ts';
import { withUsage } from './with-usage.ts';

export interface Arguments {
  /** Ends the output with one line of JSON. */
  json: boolean;
  /** Names of rows to measure; empty: all. */
  only: readonly string[];
  /** Who is measured; empty: all. */
  contenders: readonly ContenderName[];
  /** How often each row is measured for each contender. */
  rounds: number;
  /** Length of one measurement. */
  seconds: number;
}

const USAGE = `usage: pnpm bench [--json] [--only NAME]... [--contender NAME]... [--rounds N] [--seconds S]

  --json            print one JSON object as the last line
  --only NAME       measure this row alone (may be given several times, or as a comma list)
  --contender NAME  measure this contender alone (likewise)
  --rounds N        rounds of all rows, interleaved (default 3)
  --seconds S       length of each measurement (default 3)

environment:
  LINKERD2_PROXY_BIN  a program of Linkerd's proxy, to measure a pair of it too`;

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${flag} is ${JSON.stringify(text)}; it must be a number above 0`);
  return value;
}

function contenderNamed(text: string): ContenderName {
  const name = CONTENDERS.find((known) => known === text);
  if (name === undefined) throw new Error(`--contender ${text} is none; they are ${CONTENDERS.join(', ')}`);
  return name;
}

/** @throws Error that names the argument and what it may be, and ends with the usage. */
export function parseArguments(argv: readonly string[], rowNames: readonly string[]): Arguments {
  return withUsage(USAGE, () => read(argv, rowNames));
}

function read(argv: readonly string[], rowNames: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: argv.filter((argument) => argument !== '--'),
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      contender: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
    },
  });
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.find((name) => !rowNames.includes(name));
  if (unknown !== undefined)
    throw new Error(`--only ${unknown} is no row; the rows are ${rowNames.join(', ')}`);
  return {
    json: values.json,
    only,
    contenders: values.contender.flatMap((names) => names.split(',')).map(contenderNamed),
    rounds: Math.ceil(positive('rounds', values.rounds)),
    seconds: positive('seconds', values.seconds),
  };
}
