import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../balance/balancer.ts';

export interface IdleWatch {
  /** CPU time used so far, milliseconds. */
  readonly cpuMs: () => number;
  /** Memory that this process keeps resident, bytes. */
  readonly residentBytes: () => number;
  /** Collects garbage and gives free pages back; takes some tens of milliseconds. */
  readonly release: () => void;
  readonly clock: Pick<Clock, 'setTimeout'>;
}

const lookEveryMs = 1000;
/** CPU in one look above which the process counts as working. */
const workingMs = 50;
/** Looks without work before memory is given back. */
const quietLooks = 3;
/** Growth since the last time that is worth a pause. */
const worthBytes = 32 * 1024 * 1024;

/**
 * Gives memory back when nothing happens: what starting has left behind, and later what bursts have. An idle process allocates nothing, so its collector never runs and what
 * the burst left would stay for ever; a mesh has one such process beside every workload.
 */
export function returnMemoryWhenIdle({ cpuMs, residentBytes, release, clock }: IdleWatch): void {
  let lastCpu = cpuMs();
  let settledBytes = 0;
  let quiet = 0;
  const look = (): void => {
    const now = cpuMs();
    quiet = now - lastCpu > workingMs ? 0 : quiet + 1;
    if (quiet >= quietLooks && residentBytes() - settledBytes > worthBytes) {
      release();
      settledBytes = residentBytes();
    }
    lastCpu = cpuMs();
    clock.setTimeout(look, lookEveryMs);
  };
  clock.setTimeout(look, lookEveryMs);
}

type CollectGarbage = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** The thorough collection that V8 otherwise keeps for when memory has run out, then `trim`. */
export function createRelease(trim: () => void): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as CollectGarbage;
  return () => {
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    trim();
  };
}
