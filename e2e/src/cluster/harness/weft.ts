import { join } from 'node:path';
import { root } from '../../harness/folder.ts';
import { type Output, runProgram } from '../../harness/run-program.ts';

const WEFT = join(root, 'packages', 'cli', 'bin', 'weft');

/** Runs the command `weft` to its end, whatever the end. */
export function tryWeft(args: readonly string[], input = ''): Promise<Output> {
  return runProgram(WEFT, args, input);
}

/** Runs the command `weft`, which must succeed, and answers with what it printed. */
export async function weft(args: readonly string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await tryWeft(args, input);
  if (status !== 0) throw new Error(`weft ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}
