import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../harness/folder.ts';
import { type Output, runProgram } from '../../harness/run-program.ts';
import { waitFor } from '../../harness/wait-for.ts';

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

/** Runs the command `weft` until it says `moment` on stderr, and then presses Ctrl-C. */
export async function interruptWeft(args: readonly string[], moment: RegExp): Promise<Output> {
  const child = spawn(WEFT, args, { stdio: ['ignore', 'pipe', 'pipe'], env: process.env });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      text[name] += part;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  try {
    await waitFor(`weft says ${moment}`, 60_000, () => moment.test(text.stderr));
  } finally {
    child.kill('SIGINT');
  }
  return { status: (await ended) ?? 255, ...text };
}
