import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { sleep } from '../pod/sleep.ts';
import { findPod } from './find-mesh.ts';

export interface LogsOptions {
  readonly pod: string;
  readonly container?: string | undefined;
  readonly follow?: boolean | undefined;
  readonly meshId?: string | undefined;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

const POLL_MS = 200;

/** Prints what the containers of a pod have printed, and goes on doing so with `follow`. */
export async function podLogs({
  pod: name,
  container,
  follow,
  meshId,
  output,
  signal,
}: LogsOptions): Promise<void> {
  const { mesh, pod } = findPod(name, meshId);
  const directory = join(mesh.root, pod.directory, 'logs');
  const files = (await readdir(directory)).filter((file) => file.endsWith('.log')).sort();
  const wanted = container === undefined ? files : files.filter((file) => file === `${container}.log`);
  const positions = new Map<string, number>();
  do {
    for (const file of wanted) {
      if (wanted.length > 1 && (await grew(join(directory, file), positions.get(file) ?? 0))) {
        output.write(`==> ${file.slice(0, -4)} <==\n`);
      }
      positions.set(file, await copyFrom(join(directory, file), positions.get(file) ?? 0, output));
    }
    if (follow) await sleep(POLL_MS, signal);
  } while (follow && !signal.aborted);
}

async function grew(file: string, position: number): Promise<boolean> {
  return (await stat(file).catch(() => ({ size: 0 }))).size > position;
}

/** Copies what is new in a file; a file that became shorter was begun anew. */
async function copyFrom(file: string, position: number, output: Writable): Promise<number> {
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  const start = size < position ? 0 : position;
  if (size === start) return start;
  for await (const chunk of createReadStream(file, { start, end: size - 1 })) output.write(chunk);
  return size;
}
