import { parseArgs } from 'node:util';

export interface Options {
  readonly minutes: number;
  /** Prints one JSON object instead of tables. */
  readonly json: boolean;
  /** Leaves it to V8 when garbage is collected. */
  readonly asIs: boolean;
}

const USAGE = `usage: npm run test:soak [-- [--minutes N] [--as-is] [--json]]

  --minutes N  how long the mesh is under load (default 30); memory is judged after the first sixth of it
  --as-is      let proxies collect garbage when V8 thinks best, instead of every 10 s: memory is then a saw, and its
               floors are those of five minutes
  --json       print one JSON object instead of the tables`;

/** @throws Error that names the argument and what it may be. */
export function parseOptions(argv: readonly string[]): Options {
  try {
    return read(argv);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function read(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: argv.filter((argument) => argument !== '--'),
    options: {
      minutes: { type: 'string', default: '30' },
      'as-is': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes >= 1))
    throw new Error(`--minutes is ${JSON.stringify(values.minutes)}; it must be a number from 1 on`);
  return { minutes, asIs: values['as-is'], json: values.json };
}
