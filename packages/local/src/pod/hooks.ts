import type { LifecycleHandler } from '../cluster/objects.ts';
import { tryProgram } from '../system/run-program.ts';
import type { ContainerSupervisor } from './container-supervisor.ts';
import { probeOnce } from './probe.ts';
import { baseEnvironment } from './program.ts';
import { sleep } from './sleep.ts';

export interface HookContext {
  readonly supervisor: ContainerSupervisor;
  readonly ip: string;
}

/** Linkerd's image holds a program that waits for the proxy; here the mesh waits itself. */
const AWAIT_PROGRAM = 'linkerd-await';
const AWAIT_POLL_MS = 200;
const AWAIT_TIMEOUT_MS = 120_000;

/** Runs a lifecycle hook; a hook that fails ends like one that succeeds, but the container's log tells. */
export async function runHook(
  handler: LifecycleHandler,
  context: HookContext,
  signal: AbortSignal,
): Promise<void> {
  const { supervisor, ip } = context;
  if (handler.sleep) return sleep(handler.sleep.seconds * 1000, signal);
  if (handler.httpGet) {
    const target = { ip, container: supervisor.container, run: async () => 0 };
    await probeOnce({ httpGet: handler.httpGet, timeoutSeconds: 30 }, target, signal);
    return;
  }
  if (!handler.exec) return;
  if (handler.exec.command[0]?.endsWith(`/${AWAIT_PROGRAM}`))
    return awaitProxy(handler.exec.command, context, signal);
  await runInContainer(supervisor, handler.exec.command, signal).catch(() => 1);
}

async function awaitProxy(command: readonly string[], { supervisor, ip }: HookContext, signal: AbortSignal) {
  const port = Number(command.find((part) => part.startsWith('--port='))?.slice(7) ?? 4191);
  const until = AbortSignal.any([signal, AbortSignal.timeout(AWAIT_TIMEOUT_MS)]);
  const target = { ip, container: supervisor.container, run: async () => 0 };
  while (!until.aborted && supervisor.state.state !== 'terminated') {
    if (await probeOnce({ httpGet: { path: '/ready', port }, timeoutSeconds: 5 }, target, until)) return;
    await sleep(AWAIT_POLL_MS, until);
  }
}

/** Runs a command inside the container, as its first process would; resolves with the exit status. */
export async function runInContainer(
  { process }: ContainerSupervisor,
  command: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const pid = await process?.pid();
  if (pid === undefined || !process?.running) return 1;
  const environment = Object.entries(baseEnvironment('')).map(([name, value]) => `${name}=${value}`);
  const { status } = await tryProgram(
    'nsenter',
    ['-t', String(pid), '-m', '-p', '-n', '-u', '-i', '--', 'env', ...environment, ...command],
    { signal },
  );
  return status;
}
