import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The CPU of the proxies under test, and that of everything around them. */
export const PROXY_CPU = 0;
export const LOAD_CPU = 1;

/** The user that iptables lets through untouched. */
export const PROXY_UID = 2102;

export interface Place {
  namespace: string;
  cpu: number;
  uid?: number;
}

/** A command line that runs in a network namespace, on one CPU, as a user; the process stays the same one. */
export function placed(command: readonly string[], { namespace, cpu, uid }: Place): readonly string[] {
  const user =
    uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
  return [
    'nsenter',
    `--net=/run/netns/${namespace}`,
    '--',
    'taskset',
    '-c',
    String(cpu),
    ...user,
    ...command,
  ];
}

export interface Daemon {
  name: string;
  pid: number;
  /** Answers its exit code once it has ended. */
  ended: () => number | undefined;
  log: () => string;
}

const running = new Set<ChildProcess>();

/** Starts a long-lived process whose output goes to a file. */
export function startDaemon(
  name: string,
  command: readonly string[],
  options: { logFile: string; env?: Record<string, string> },
): Daemon {
  const log = openSync(options.logFile, 'a');
  const [program, ...args] = command;
  const child = spawn(program!, args, {
    stdio: ['ignore', log, log],
    env: options.env ?? process.env,
    detached: true,
  });
  closeSync(log);
  running.add(child);
  let failure: Error | undefined;
  child.on('error', (error) => {
    failure = error;
  });
  child.on('exit', () => running.delete(child));
  return {
    name,
    pid: child.pid ?? 0,
    ended: () =>
      failure === undefined ? (child.exitCode ?? (child.signalCode === null ? undefined : 128)) : 127,
    log: () => `${failure?.message ?? ''}${readFileSync(options.logFile, 'utf8').slice(-2000)}`,
  };
}

/** Waits for a condition. @throws Error with the daemon's log when it ends first or 20 s have passed. */
export async function waitUntil(
  daemon: Daemon,
  what: string,
  condition: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    const code = daemon.ended();
    if (code !== undefined)
      throw new Error(`${daemon.name} ended with ${code} before it was ${what}:\n${daemon.log()}`);
    if (Date.now() > deadline) throw new Error(`${daemon.name} was not ${what} in 20 s:\n${daemon.log()}`);
    await sleep(50);
  }
}

/** Runs a program to its end and answers what it wrote. */
export function capture(command: readonly string[]): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running.add(child);
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => {
      output.stdout += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      output.stderr = (output.stderr + data.toString()).slice(-10_000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      running.delete(child);
      if (code === 0) resolve(output.stdout);
      else reject(new Error(`\`${command.join(' ')}\` ended with ${code}: ${output.stderr}`));
    });
  });
}

/** Starts a program that does its work until its standard input ends; answers its first line and how to end it. */
export function startUntilReleased(
  command: readonly string[],
): Promise<{ line: string; release: () => Promise<void> }> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    running.add(child);
    const closed = new Promise<void>((done) => {
      child.on('close', () => {
        running.delete(child);
        done();
      });
    });
    const release = () => {
      child.stdin.end();
      return closed;
    };
    child.on('error', reject);
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes('\n')) resolve({ line: text.split('\n')[0]!, release });
    });
    void closed.then(() => reject(new Error(`\`${command.join(' ')}\` ended early`)));
  });
}

/** Ends everything that was started here, each with its process group. */
export function killAll(): void {
  for (const child of running) {
    if (child.pid === undefined) continue;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
}
