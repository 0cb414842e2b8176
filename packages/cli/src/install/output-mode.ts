import type { OutputFlags } from './flags.ts';
import { InstallError } from './install-error.ts';

export type OutputMode = 'yaml' | 'json' | 'apply';

/**
 * Whether objects are printed or applied. Linkerd's commands print, to be piped into kubectl; so do these with
 * `-o`, with `--ignore-cluster`, and whenever standard output is no terminal. On a terminal, where nobody wants
 * to read all of that, or with `--apply`, they are applied.
 */
export function outputMode(
  { output, apply }: OutputFlags,
  { isTerminal, ignoresCluster }: { readonly isTerminal: boolean; readonly ignoresCluster: boolean },
): OutputMode {
  if (apply && (output !== undefined || ignoresCluster)) {
    throw new InstallError(
      'flags_conflict',
      `--apply and ${output === undefined ? '--ignore-cluster' : '--output'} exclude each other`,
    );
  }
  if (output !== undefined) return output;
  return apply || (isTerminal && !ignoresCluster) ? 'apply' : 'yaml';
}
