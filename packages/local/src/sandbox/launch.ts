import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { LocalError } from '../errors.ts';
import { systemPath } from '../system/requirements.ts';
import { tryProgram } from '../system/run-program.ts';
import { type SandboxOptions, sandboxCommand } from './command.ts';

const CONTAINER_HINT =
  'run it in a container that may: docker run --rm -it --privileged -v "$PWD":/src -w /src node:26 npm start';

/** Fails with the reason and the way out where the kernel does not allow the namespaces a mesh needs. */
export async function ensureNamespaces(isRoot: boolean): Promise<void> {
  const [program, ...args] = sandboxCommand({ meshId: 'probe', isRoot, command: ['true'] });
  const { status, stderr } = await tryProgram(program!, args);
  if (status === 0) return;
  const who = isRoot
    ? 'this root may not create namespaces (it is the root of a container without privileges)'
    : 'the kernel does not let this user create namespaces, or /etc/subuid and /etc/subgid give it no ids';
  const way = isRoot ? CONTAINER_HINT : `run it as root, or ${CONTAINER_HINT}`;
  throw new LocalError('namespaces_denied', `${who}: ${stderr.trim()}; ${way}`, { stderr });
}

export interface Sandbox {
  /** Asks the mesh to end in order; a second call ends it at once. */
  stop(): void;
  /** The exit status of the mesh. */
  readonly ended: Promise<number>;
}

/** Starts a mesh's process in its namespaces, with this process's output and a pipe that ties their lives. */
export function launchSandbox(options: SandboxOptions & { readonly env: NodeJS.ProcessEnv }): Sandbox {
  const [program, ...args] = sandboxCommand(options);
  // A session of its own: Ctrl-C reaches only this process, which then stops the mesh in order.
  const child: ChildProcess = spawn(program!, args, {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: { ...options.env, PATH: systemPath(options.env.PATH) },
  });
  const lifeline = child.stdio[3] as Writable;
  lifeline.on('error', () => undefined); // The mesh has ended: `ended` tells.
  let asked = false;
  return {
    stop() {
      if (asked) child.kill('SIGKILL');
      else lifeline.write('stop\n');
      asked = true;
    },
    ended: once(child, 'close').then(([status]) => (status as number | null) ?? 1),
  };
}
