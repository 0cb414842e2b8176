import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export interface WeftRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

export interface WeftInput {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Runs the program itself, as a user's shell would in a pipeline. */
export async function runWeft(
  args: readonly string[],
  { stdin = '', env = {} }: WeftInput = {},
): Promise<WeftRun> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    env: { PATH: process.env.PATH, KUBECONFIG: '/nonexistent', ...env },
  });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { stdout, stderr, status };
}
