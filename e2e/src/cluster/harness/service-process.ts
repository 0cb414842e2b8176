import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../harness/folder.ts';
import { waitFor } from '../../harness/wait-for.ts';

const READY_WITHIN_MS = 30_000;

interface Line {
  readonly message: string;
  readonly [field: string]: unknown;
}

/** One of the control plane's services as a process of this machine, on free ports of loopback. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #lines: Line[] = [];
  readonly #name: string;
  #log = '';

  /** `name` is the folder of its package. */
  constructor(name: 'identity' | 'destination' | 'injector', flags: readonly string[]) {
    this.#name = name;
    const main = join(root, 'packages', name, 'dist', 'main.js');
    this.#child = spawn(process.execPath, [main, '-log-format=json', ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {},
    });
    this.#child.stderr!.on('data', (part) => {
      this.#log += String(part);
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#note(line));
  }

  /** Waits until it is ready. */
  async ready(): Promise<void> {
    const isReady = () => this.#lines.some(({ message }) => message === 'ready');
    const settled = () => isReady() || this.#child.exitCode !== null;
    await waitFor(`${this.#name} is ready`, READY_WITHIN_MS, settled).catch(() => undefined);
    if (!isReady()) throw new Error(`${this.#name} is not ready: ${this.#log}`);
  }

  /** The port of the first listener that was logged with this message and these fields. */
  port(message: string, fields: Readonly<Record<string, unknown>> = {}): number {
    const line = this.#lines.find(
      (each) =>
        each.message === message && Object.entries(fields).every(([key, value]) => each[key] === value),
    );
    if (typeof line?.port !== 'number') throw new Error(`no port was logged with "${message}"`);
    return line.port;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }

  #note(text: string): void {
    this.#log += `${text}\n`;
    this.#lines.push(JSON.parse(text) as Line);
  }
}
