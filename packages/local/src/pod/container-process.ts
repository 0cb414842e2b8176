import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { LogFile } from './log-file.ts';

export interface ContainerExit {
  /** Exit status, or 128 + the signal's number. */
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
}

export interface StartOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly log: LogFile;
  /** Where the container writes the number of its first process. */
  readonly pidFile: string;
}

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

/** One run of a container: a process whose namespace dies with it. */
export class ContainerProcess {
  readonly ended: Promise<ContainerExit>;
  readonly #child: ChildProcess;
  readonly #pidFile: string;
  #running = true;

  private constructor(child: ChildProcess, { log, pidFile }: StartOptions) {
    this.#child = child;
    this.#pidFile = pidFile;
    if (child.stdout) log.capture(child.stdout);
    if (child.stderr) log.capture(child.stderr);
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#running = false;
        resolve({
          code: code ?? 128 + ((signal && SIGNAL_NUMBERS[signal]) ?? 0),
          signal: signal ?? undefined,
        });
      };
      child.on('exit', () => {
        this.#running = false;
      });
      // Not before its last words are in the log.
      child.on('close', end);
      child.on('error', (error) => {
        log.note(`cannot start: ${error.message}`);
        end(127, null);
      });
    });
  }

  static start(options: StartOptions): ContainerProcess {
    rmSync(options.pidFile, { force: true });
    const [program, ...args] = options.command;
    const child = spawn(program!, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env,
    });
    return new ContainerProcess(child, options);
  }

  get running(): boolean {
    return this.#running;
  }

  /** The container's first process, once its file system is built. */
  async pid(): Promise<number | undefined> {
    const text = await readFile(this.#pidFile, 'utf8').catch(() => '');
    return Number(text) || undefined;
  }

  /** Signals the container's first process. SIGKILL ends everything in the container. */
  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!this.#running) return;
    const pid = await this.pid();
    if (pid === undefined) {
      // Its file system is still being built: nothing of the application runs yet.
      this.#child.kill('SIGKILL');
      return;
    }
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
