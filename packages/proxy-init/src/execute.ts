import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ProxyInitError } from './errors.ts';
import type { Command } from './plan.ts';

/** Longest time that one command may take: a wait for the tables' lock included. */
const TIMEOUT_MS = 60_000;

/** Runs a program to its end and answers its standard output. */
export type Execute = (command: Command) => Promise<string>;

/** Commands that run in a network namespace: in a file of that namespace, or in a named one. */
export function inNamespace(command: Command, netns: string): Command {
  if (netns === '') return command;
  const file = netns.includes('/') ? netns : `/run/netns/${netns}`;
  return ['nsenter', `--net=${file}`, '--', ...command];
}

/** @throws ProxyInitError with the program's own complaint. */
export function executor(signal?: AbortSignal): Execute {
  return ([program, ...args]) =>
    new Promise((resolve, reject) => {
      const options = { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024, ...(signal && { signal }) };
      execFile(program, args, options, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const text = [program, ...args].join(' ');
        if (error.code === 'ENOENT') {
          const message = `${program} is not installed; install the package that has it (iptables, util-linux)`;
          return reject(new ProxyInitError('command_not_found', message, { cause: error }));
        }
        const complaint = stderr.trim() || stdout.trim() || error.message;
        reject(new ProxyInitError('command_failed', `\`${text}\` failed: ${complaint}`, { cause: error }));
      });
    });
}

export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}
