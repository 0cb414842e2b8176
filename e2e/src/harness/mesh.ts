import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findMeshes, type MeshReport, type PodReport, type RunningMesh, reportOf } from '@weft/local';
import { type Folder, root, shop } from './folder.ts';
import { type Output, runProgram } from './run-program.ts';
import { waitFor } from './wait-for.ts';

const WEFT = join(root, 'packages', 'cli', 'bin', 'weft');

/** What `weft local run --json` prints in the end, as far as tests look at it. */
export interface Document {
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly port: number;
    readonly protocol: string;
    readonly tls: boolean;
    readonly reason: string;
    readonly clientIdentity: string;
    readonly serverIdentity: string;
    readonly requests: number;
    readonly successRate: number | null;
    readonly p50Ms: number | null;
  }[];
  readonly certificates: readonly {
    readonly pod: string;
    readonly identity: string;
    readonly renewals: number;
  }[];
  readonly denied: readonly {
    readonly to: string;
    readonly clientIdentity: string;
    readonly count: number;
  }[];
  readonly events: readonly { readonly type: string; readonly subject: string; readonly message: string }[];
}

export interface MeshOptions {
  readonly leafLifetime?: string;
  readonly args?: readonly string[];
}

interface Streams {
  stdout: string;
  stderr: string;
}

/** A mesh that a test has started: the command as its users run it. */
export class Mesh {
  readonly running: RunningMesh;
  readonly folder: Folder;
  readonly #child: ChildProcess;
  readonly #output: Streams;

  private constructor(running: RunningMesh, folder: Folder, child: ChildProcess, output: Streams) {
    this.running = running;
    this.folder = folder;
    this.#child = child;
    this.#output = output;
  }

  static async start(folder: Folder, { leafLifetime, args = [] }: MeshOptions = {}): Promise<Mesh> {
    const before = new Set(runningIds());
    const lifetime = leafLifetime === undefined ? [] : ['--leaf-lifetime', leafLifetime];
    const child = spawn(WEFT, ['local', 'run', folder.path, '--app', shop, '--json', ...lifetime, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A mesh does not outlive the tests, however they end.
      env: { ...process.env, WEFT_ENDS_WITH: String(process.pid) },
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    const running = await waitFor('the mesh starts', 30_000, () => {
      if (child.exitCode !== null) throw new Error(`weft ended with ${child.exitCode}: ${output.stderr}`);
      return meshes().find((mesh) => !before.has(mesh.id) && reportOf(mesh)?.directory === folder.path);
    });
    return new Mesh(running, folder, child, output);
  }

  get ownerPid(): number {
    return this.#child.pid!;
  }

  get report(): MeshReport {
    return reportOf(this.running) ?? { id: this.running.id, directory: '', pods: [] };
  }

  pods(workload: string): readonly PodReport[] {
    return this.report.pods.filter(({ owner, name }) => owner.endsWith(`/${workload}`) || name === workload);
  }

  /** The first ready pod of a workload. */
  pod(workload: string): PodReport {
    const pod = this.pods(workload).find(({ ready, terminating }) => ready && !terminating);
    if (pod === undefined)
      throw new Error(`no pod of ${workload} is ready: ${JSON.stringify(this.pods(workload))}`);
    return pod;
  }

  /** Waits until every workload but Jobs has all its pods ready. */
  async ready(ms = 90_000): Promise<void> {
    await waitFor('all pods are ready', ms, () => {
      const pods = this.report.pods.filter(({ owner }) => !owner.startsWith('job/'));
      const unready = pods.filter(({ ready, terminating }) => !ready || terminating);
      if (unready.length > 0)
        throw new Error(unready.map(({ name, phase }) => `${name} ${phase}`).join(', '));
      return pods.length > 3;
    });
  }

  /** Waits until a workload has this many ready pods and no others. */
  async scaled(workload: string, replicas: number, ms = 60_000): Promise<void> {
    await waitFor(`${workload} has ${replicas} ready pods`, ms, () => {
      const pods = this.pods(workload);
      return pods.length === replicas && pods.every(({ ready, terminating }) => ready && !terminating);
    });
  }

  exec(pod: string, command: readonly string[], container?: string): Promise<Output> {
    const which = container === undefined ? [] : ['-c', container];
    return runProgram(WEFT, ['local', 'exec', '--mesh', this.running.id, ...which, pod, '--', ...command]);
  }

  /** Runs a program of `e2e/src/inside` in a pod, beside its application. */
  async inside(pod: string, script: string, ...args: readonly string[]): Promise<string> {
    const output = await this.exec(pod, ['node', `/weft/build/e2e/src/inside/${script}`, ...args]);
    return succeeded(`${script} in ${pod}`, output);
  }

  logs(pod: string, container: string): string {
    const { directory } = this.pods(pod)[0]!;
    return this.logOf(directory, container);
  }

  logOf(podDirectory: string, container: string): string {
    return readFileSync(join(this.running.root, podDirectory, 'logs', `${container}.log`), 'utf8');
  }

  /** A command that runs on the mesh's router, from which every pod is reached. */
  onRouter(command: readonly string[]): readonly string[] {
    const pid = String(this.running.firstPid);
    const user = process.getuid?.() === 0 ? [] : ['-U', '--preserve-credentials'];
    return ['nsenter', '-t', pid, ...user, '-m', '-n', '-p', '-i', '--', ...command];
  }

  /** Runs a program of `e2e/src/inside` on the router. */
  async router(script: string, ...args: readonly string[]): Promise<string> {
    return this.routerWith({}, script, ...args);
  }

  /** Like {@link router}, with variables in the program's environment. */
  async routerWith(
    env: Readonly<Record<string, string>>,
    script: string,
    ...args: readonly string[]
  ): Promise<string> {
    const file = join(root, 'e2e', 'src', 'inside', script);
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const raise = ['sh', '-c', 'ulimit -n 65536 2>/dev/null; exec "$@"', 'sh'];
    const command = ['env', ...variables, ...raise, process.execPath, file, ...args];
    const [program, ...rest] = this.onRouter(command);
    return succeeded(`${script} on the router`, await runProgram(program!, rest));
  }

  /** Kills a container's first process. */
  async kill(workload: string, container: string): Promise<boolean> {
    const pids = this.pods(workload).flatMap(({ containers }) =>
      containers.filter(({ name }) => name === container),
    );
    const alive = pids.flatMap(({ pid }) => (pid === undefined ? [] : [String(pid)]));
    if (alive.length === 0) return false;
    const [program, ...args] = this.onRouter(['sh', '-c', 'kill -KILL "$@"', 'sh', ...alive]);
    return (await runProgram(program!, args)).status === 0;
  }

  /** Asks for an orderly end, as Ctrl-C does; answers with the exit status and the document. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<{ status: number | null; document: Document }> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill(signal);
      await once(this.#child, 'close');
    }
    const text = this.#output.stdout.trim();
    const empty: Document = { edges: [], certificates: [], denied: [], events: [] };
    return { status: this.#child.exitCode, document: text === '' ? empty : (JSON.parse(text) as Document) };
  }
}

function succeeded(what: string, { status, stdout, stderr }: Output): string {
  if (status !== 0) throw new Error(`${what} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

function meshes(): readonly RunningMesh[] {
  try {
    return findMeshes();
  } catch {
    return []; // None runs.
  }
}

export function runningIds(): readonly string[] {
  return meshes().map(({ id }) => id);
}
