import { readdirSync, readFileSync, statSync } from 'node:fs';
import { meshOfCommandLine } from './command.ts';

/** A running mesh as the machine's process table shows it; there is no other register that could be wrong. */
export interface RunningMesh {
  readonly id: string;
  /** The first process of the mesh, by the machine's numbering. */
  readonly firstPid: number;
  /** The command that started the mesh; it ends the mesh in order when told to stop. */
  readonly ownerPid: number;
  /** Where the mesh's own file system is seen from outside. */
  readonly root: string;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // The process ended, or belongs to somebody else.
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0);
}

function isOurs(pid: number): boolean {
  const uid = process.getuid?.() ?? 0;
  try {
    return uid === 0 || statSync(`/proc/${pid}`).uid === uid;
  } catch {
    return false;
  }
}

/** The meshes this user runs on the machine. */
export function runningMeshes(): readonly RunningMesh[] {
  const meshes: RunningMesh[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || !isOurs(pid)) continue;
    const id = meshOfCommandLine((read(`/proc/${pid}/cmdline`) ?? '').split('\0'));
    if (id === undefined) continue;
    meshes.push({ id, firstPid: pid, ownerPid: parentOf(parentOf(pid)), root: `/proc/${pid}/root` });
  }
  return meshes;
}
