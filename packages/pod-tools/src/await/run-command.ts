import { spawn } from 'node:child_process';
import { exitCodes } from './exit-codes.ts';
import { findProgram } from './find-program.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line for the user. */
  readonly say: (line: string) => void;
}

/** Becomes the command. Returns an exit code only when that cannot be. */
export function become([name = '', ...args]: readonly string[], { env, say }: Surroundings): number {
  const program = findProgram(name, env.PATH);
  if (program === undefined) {
    say(`${name} is not a program that can be found and run`);
    return exitCodes.osError;
  }
  try {
    process.execve?.(program, [name, ...args], withoutUndefined(env));
  } catch (error) {
    say(`${program} cannot be run: ${(error as Error).message}`);
  }
  return exitCodes.osError;
}

/** Runs the command beside this process, hands SIGTERM on to it and resolves with its exit code. */
export async function runBeside(
  [name = '', ...args]: readonly string[],
  { env, say }: Surroundings,
): Promise<number> {
  // Before the command runs: a signal that comes in between would end this process and leave the command alone.
  const handOn = () => void child.kill('SIGTERM');
  process.on('SIGTERM', handOn);
  const child = spawn(name, args, { stdio: 'inherit', env });
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once('error', (error) => {
    say(`${name} cannot be run: ${error.message}`);
    resolve(exitCodes.osError);
  });
  child.once('exit', (code) => resolve(code ?? exitCodes.osError));
  const code = await promise;
  process.off('SIGTERM', handOn);
  return code;
}

function withoutUndefined(env: Surroundings['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
