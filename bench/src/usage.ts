import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time for user space in hundredths of a second, whatever its own clock. */
const TICKS_PER_SECOND = 100;

interface Stat {
  parent: number;
  cpuTicks: number;
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in parentheses, may itself hold blanks and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), cpuTicks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}

/** The processes themselves and all that descend from them. */
function treeOf(roots: readonly number[]): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(pids.map((pid) => [Number(pid), statOf(Number(pid))?.parent]));
  const found = new Set(roots);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (parent !== undefined && found.has(parent) && !found.has(pid)) grown = found.add(pid).has(pid);
    }
  }
  return [...found];
}

/** CPU seconds that the processes and their descendants have used so far. */
export function cpuSeconds(roots: readonly number[]): number {
  const ticks = treeOf(roots).map((pid) => statOf(pid)?.cpuTicks ?? 0);
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS_PER_SECOND;
}

/** CPU seconds that all processes together have used on one CPU so far, interrupts aside (proc(5)). */
export function cpuSecondsOf(cpu: number): number {
  const line = new RegExp(`^cpu${cpu} (\\d+) (\\d+) (\\d+) `, 'm').exec(readFileSync('/proc/stat', 'utf8'));
  const ticks = (line ?? []).slice(1).map(Number);
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS_PER_SECOND;
}

/** In MB. Pages that several processes share are counted by their share. */
export interface Memory {
  /** What the processes have written: heaps, stacks, buffers. */
  own: number;
  /** Of program files and libraries. */
  files: number;
}

/** Resident memory of the processes and their descendants. */
export function memoryOf(roots: readonly number[]): Memory {
  const memory = { own: 0, files: 0 };
  for (const pid of treeOf(roots)) {
    const rollup = rollupOf(pid);
    const megabytes = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
    memory.own += megabytes('Pss_Anon');
    memory.files += megabytes('Pss_File') + megabytes('Pss_Shmem');
  }
  return memory;
}

/** Both, as one number. */
export function residentMegabytes(roots: readonly number[]): number {
  const { own, files } = memoryOf(roots);
  return own + files;
}

function rollupOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  } catch {
    return '';
  }
}
