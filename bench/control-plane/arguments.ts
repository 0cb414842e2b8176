import { parseArgs } from 'node:util';
import { withUsage } from '../src/with-usage.ts';

export const ROWS = ['memory', 'certify', 'streams', 'webhook', 'fleet'] as const;
export type Row = (typeof ROWS)[number];

export interface Arguments {
  readonly kubeconfig: string;
  /** Namespace of the control plane. */
  readonly namespace: string;
  /** Rows to measure. */
  readonly only: readonly Row[];
  readonly streams: number;
  readonly services: number;
  readonly pods: number;
  readonly json: boolean;
}

const USAGE = `usage: pnpm control-plane [--kubeconfig FILE] [--namespace NAME] [--only ROW]... [--json]
                          [--streams N] [--services N] [--pods N]

  --kubeconfig FILE  the cluster (default $KUBECONFIG); its nodes must be this machine
  --namespace NAME   namespace of the control plane (default linkerd)
  --only ROW         ${ROWS.join(', ')} (default: all but fleet)
  --streams N        streams on one service of 100 endpoints (default 5000)
  --services N       services of one endpoint, with a stream each (default 1000)
  --pods N           pods without a node that "fleet" makes, ten for each service (default 3000)
  --json             print one JSON object as the last line`;

function count(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${flag} is ${JSON.stringify(text)}; it must be a whole number above 0`);
}

function row(name: string): Row {
  const known = ROWS.find((one) => one === name);
  if (known === undefined) throw new Error(`--only ${name} is no row; the rows are ${ROWS.join(', ')}`);
  return known;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the argument and what it may be, and ends with the usage. */
export function parseArguments(argv: readonly string[], env: Environment): Arguments {
  return withUsage(USAGE, () => read(argv, env));
}

function read(argv: readonly string[], env: Environment): Arguments {
  const { values } = parseArgs({
    args: argv.filter((argument) => argument !== '--'),
    options: {
      kubeconfig: { type: 'string', default: env.KUBECONFIG ?? '' },
      namespace: { type: 'string', default: 'linkerd' },
      only: { type: 'string', multiple: true, default: [] },
      streams: { type: 'string', default: '5000' },
      services: { type: 'string', default: '1000' },
      pods: { type: 'string', default: '3000' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.kubeconfig === '') throw new Error('no cluster: set KUBECONFIG or give --kubeconfig');
  const only = values.only.flatMap((names) => names.split(',')).map(row);
  return {
    kubeconfig: values.kubeconfig,
    namespace: values.namespace,
    only: only.length > 0 ? only : ROWS.filter((name) => name !== 'fleet'),
    streams: count('streams', values.streams),
    services: count('services', values.services),
    pods: count('pods', values.pods),
    json: values.json,
  };
}
