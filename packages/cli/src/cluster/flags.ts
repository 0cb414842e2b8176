import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect } from '../options/parsers.ts';
import { addSwitch } from '../options/switch.ts';

/** Options that every command understands. */
export interface GlobalFlags {
  /** Where the control plane is. */
  readonly linkerdNamespace: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly apiAddr?: string;
  readonly verbose?: boolean;
}

function parseNamespace(text: string): string {
  if (/^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError(`"${text}" is no name of a namespace: letters, digits and hyphens only.`);
}

export function addGlobalFlags(program: Command): Command {
  program
    .addOption(
      new Option('-L, --linkerd-namespace <name>', 'namespace of the control plane')
        .default('linkerd')
        .env('LINKERD_NAMESPACE')
        .argParser(parseNamespace),
    )
    .option(
      '--kubeconfig <path>',
      'kubeconfig file; default: KUBECONFIG, ~/.kube/config, or the pod this runs in',
    )
    .option('--context <name>', 'context of the kubeconfig')
    .option('--as <user>', 'user to act as')
    .option('--as-group <group>', 'group to act as; may be given several times', collect)
    .option('--api-addr <host:port>', 'API server without TLS, such as the one of kubectl proxy');
  return addSwitch(program, 'verbose', 'say more');
}
