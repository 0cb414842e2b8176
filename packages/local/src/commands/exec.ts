import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { findProgram } from '../system/requirements.ts';
import { type FoundPod, findPod } from './find-mesh.ts';

export interface ExecOptions {
  readonly pod: string;
  readonly command: readonly string[];
  readonly container?: string | undefined;
  readonly meshId?: string | undefined;
}

/** Runs a command in a container with this terminal as its own, and answers with its exit status. */
export async function execInPod({ pod: name, command, container, meshId }: ExecOptions): Promise<number> {
  const found = findPod(name, meshId);
  const pid = processOf(found, container);
  const isRoot = process.getuid?.() === 0;
  const nsenter = findProgram('nsenter') ?? 'nsenter';
  const spaces = ['-m', '-p', '-n', '-u', '-i'];
  const outer = [
    '-t',
    String(found.mesh.firstPid),
    ...(isRoot ? [] : ['-U', '--preserve-credentials']),
    ...spaces,
  ];
  const child = spawn(nsenter, [...outer, nsenter, '-t', String(pid), ...spaces, '-w', '--', ...command], {
    stdio: 'inherit',
    env: environmentOf(found, pid),
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject);
  child.on('close', (status) => resolve(status ?? 255));
  return promise;
}

/** The first process of the container; without a name, of the first one that is the application's. */
function processOf({ pod }: FoundPod, container: string | undefined): number {
  const running = pod.containers.filter(({ pid }) => pid !== undefined);
  const chosen = container
    ? running.find(({ name }) => name === container)
    : (running.find(({ name }) => !name.startsWith('linkerd-')) ?? running[0]);
  if (chosen?.pid !== undefined) return chosen.pid;
  const which = container ? `container ${container}` : 'any container';
  throw new LocalError('unknown_pod', `${pod.namespace}/${pod.name} does not run ${which}`, {
    pod: pod.name,
  });
}

/** The environment the container was started with. */
function environmentOf({ mesh }: FoundPod, pid: number): NodeJS.ProcessEnv {
  const text = readFileSync(join(mesh.root, 'proc', String(pid), 'environ'), 'utf8');
  const variables = text.split('\0').filter((entry) => entry.includes('='));
  const environment = Object.fromEntries(
    variables.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  return { ...environment, TERM: process.env.TERM };
}
