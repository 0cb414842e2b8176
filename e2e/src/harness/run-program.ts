import { spawn } from 'node:child_process';

export interface Output {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with the environment as the tests have changed it, which is not jest's own. */
export function runProgram(program: string, args: readonly string[], input = ''): Promise<Output> {
  const { promise, resolve, reject } = Promise.withResolvers<Output>();
  const child = spawn(program, args, { stdio: 'pipe', env: process.env });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      text[name] += part;
    });
  }
  child.on('error', reject);
  child.on('close', (status) => resolve({ status: status ?? 255, ...text }));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return promise;
}
