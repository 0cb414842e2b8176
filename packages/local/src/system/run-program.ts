import { spawn } from 'node:child_process';
import { LocalError } from '../errors.ts';

const MAX_OUTPUT = 1 << 20;

export interface ProgramResult {
  /** Exit status, or 128 + the signal's number as shells report it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Text for the program's standard input. */
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** Runs a program to its end and reports how it ended; output beyond 1 MiB a stream is dropped. */
export function tryProgram(
  program: string,
  args: readonly string[],
  { input, signal }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...(signal && { signal }) });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        if (output[stream].length < MAX_OUTPUT) output[stream] += text;
      });
    }
    child.on('error', (cause) =>
      reject(
        new LocalError('command_failed', `cannot run ${program}: ${cause.message}`, { program }, { cause }),
      ),
    );
    child.on('close', (status) => resolve({ status: status ?? 255, ...output }));
    // A program that ends without reading its input is judged by its status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
  });
}

/** Runs a program that must succeed; the error carries what it printed. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { status, stdout, stderr } = await tryProgram(program, args, options);
  if (status === 0) return stdout;
  const command = [program, ...args].join(' ');
  throw new LocalError(
    'command_failed',
    `\`${command}\` ended with ${status}: ${stderr.trim() || stdout.trim()}`,
    {
      command,
      status,
      input: options.input,
    },
  );
}
