import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Typed } from '@weft/kubernetes';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Garbage is collected soon, so that memory in use says something. */
const SMALL_NURSERY = '--max-semi-space-size=4';

/** The service as a process of its own, over a folder of manifests. */
export interface ServiceProcess {
  readonly destination: string;
  readonly policy: string;
  readonly metrics: string;
  /** What the process has logged so far. */
  log(): string;
  /** Replaces one file of the folder; undefined removes it. */
  write(file: string, objects: readonly Typed[] | undefined): Promise<void>;
  /** The value of a metric without labels, or the sum of those with. */
  metric(name: string): Promise<number>;
  /** Ends it as a cluster would. Returns the exit code. */
  stop(): Promise<number | null>;
}

const address = (port: string | undefined): string => `127.0.0.1:${port}`;

async function untilReady(child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!/ ready /.test(log())) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the service did not start: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts the built service on ports the system gives, and waits until it is ready. */
export async function aServiceProcess(
  files: Record<string, readonly Typed[]>,
  ...flags: string[]
): Promise<ServiceProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'manifests-'));
  const write: ServiceProcess['write'] = async (file, objects) => {
    if (objects === undefined) return rm(join(directory, file));
    const items = objects.map(({ object }) => object);
    await writeFile(join(directory, '.next'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await rename(join(directory, '.next'), join(directory, file));
  };
  for (const [file, objects] of Object.entries(files)) await write(file, objects);

  const listen = ['--addr', '--policy-addr', '--metrics-addr'].flatMap((flag) => [flag, '127.0.0.1:0']);
  const child = spawn(
    process.execPath,
    [SMALL_NURSERY, MAIN, '--manifests', directory, ...listen, ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const log = () => output;
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
    return child.exitCode;
  };
  try {
    await untilReady(child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  const serving = / destination=(\d+) policy=(\d+)/.exec(output);
  const metrics = address(/ port=(\d+)/.exec(output)?.[1]);
  return {
    destination: address(serving?.[1]),
    policy: address(serving?.[2]),
    metrics,
    log,
    write,
    stop,
    metric: async (name) => {
      const text = await (await fetch(`http://${metrics}/metrics`)).text();
      const values = [...text.matchAll(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'gm'))];
      return values.reduce((sum, [, value]) => sum + Number(value), 0);
    },
  };
}
