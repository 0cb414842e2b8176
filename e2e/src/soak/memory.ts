import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mesh } from '../harness/mesh.ts';

export interface Sample {
  /** Milliseconds since sampling began. */
  readonly at: number;
  /** Memory of the process's own, MB. */
  readonly mb: number;
}

const PROXY = 'linkerd-proxy';
const KB_PER_MB = 1024;

/** Own memory of the proxies of a mesh, read from the kernel again and again. */
export class MemorySamples {
  readonly #mesh: Mesh;
  readonly #begin = performance.now();
  readonly #byPod = new Map<string, Sample[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(mesh: Mesh, everyMs: number) {
    this.#mesh = mesh;
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** How many proxies were seen, those included that came and went. */
  get seen(): number {
    return this.#byPod.size;
  }

  of(pod: string): readonly Sample[] {
    return this.#byPod.get(pod) ?? [];
  }

  #sample(): void {
    const at = performance.now() - this.#begin;
    for (const { name, containers } of this.#mesh.report.pods) {
      const pid = containers.find((container) => container.name === PROXY)?.pid;
      const mb = pid === undefined ? undefined : ownMemory(this.#mesh.running.root, pid);
      if (mb === undefined) continue;
      const samples = this.#byPod.get(name) ?? [];
      this.#byPod.set(name, samples);
      samples.push({ at, mb });
    }
  }
}

/**
 * What a process has written itself (heap, stacks, buffers), in MB; undefined when it has ended. Pages of the program
 * file are not among it: all proxies of an image share them, and the kernel takes and gives them as it likes.
 */
function ownMemory(root: string, pid: number): number | undefined {
  try {
    const rollup = readFileSync(join(root, 'proc', String(pid), 'smaps_rollup'), 'utf8');
    const kb = /^Anonymous:\s+(\d+) kB/m.exec(rollup)?.[1];
    return kb === undefined ? undefined : Number(kb) / KB_PER_MB;
  } catch {
    return undefined;
  }
}
