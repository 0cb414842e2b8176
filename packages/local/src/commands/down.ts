import { existsSync } from 'node:fs';
import { sleep } from '../pod/sleep.ts';
import { runningMeshes } from '../sandbox/discover.ts';
import { findMeshes } from './find-mesh.ts';

const ORDERLY_MS = 15_000;

/** Stops this user's meshes, or the one named, and waits until they are gone. Answers with their names. */
export async function down(meshId?: string): Promise<readonly string[]> {
  const meshes = findMeshes(meshId);
  for (const { ownerPid } of meshes) signal(ownerPid, 'SIGTERM');
  const deadline = performance.now() + ORDERLY_MS;
  for (const { id, firstPid } of meshes) {
    while (existsSync(`/proc/${firstPid}`) && performance.now() < deadline) await sleep(50);
    // Its first process takes the whole mesh with it.
    if (runningMeshes().some((mesh) => mesh.id === id)) signal(firstPid, 'SIGKILL');
  }
  return meshes.map(({ id }) => id);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
