import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from '../errors.ts';
import { STATE_FILE } from '../mesh/paths.ts';
import type { MeshReport, PodReport } from '../mesh/state-file.ts';
import { type RunningMesh, runningMeshes } from '../sandbox/discover.ts';

export interface FoundPod {
  readonly mesh: RunningMesh;
  readonly pod: PodReport;
}

/** What a running mesh says of itself; undefined while it has said nothing. */
export function reportOf({ root }: RunningMesh): MeshReport | undefined {
  try {
    return JSON.parse(readFileSync(join(root, STATE_FILE), 'utf8')) as MeshReport;
  } catch {
    return undefined;
  }
}

/** The meshes of this user, or the one named. */
export function findMeshes(id?: string): readonly RunningMesh[] {
  const meshes = runningMeshes().filter((mesh) => id === undefined || mesh.id === id);
  if (meshes.length > 0) return meshes;
  throw new LocalError('no_mesh', id === undefined ? 'no mesh is running' : `no mesh ${id} is running`, {
    id,
  });
}

/**
 * The pod a name means: `pod`, `namespace/pod`, or a workload (`web`, `deployment/web`), of which the first ready
 * pod is taken.
 */
export function findPod(name: string, meshId?: string): FoundPod {
  const pods = findMeshes(meshId).flatMap((mesh) =>
    (reportOf(mesh)?.pods ?? []).map((pod) => ({ mesh, pod })),
  );
  const exact = pods.filter(({ pod }) => pod.name === name || `${pod.namespace}/${pod.name}` === name);
  const byOwner = pods.filter(({ pod }) => names(pod).includes(name));
  const found = exact.length > 0 ? exact : byOwner;
  const meshes = new Set(found.map(({ mesh, pod }) => `${pod.namespace} of mesh ${mesh.id}`));
  if (meshes.size > 1) {
    throw new LocalError(
      'ambiguous_name',
      `${name} is in ${[...meshes].join(' and ')}; name one with --mesh`,
      { name },
    );
  }
  const pod = found.find((candidate) => candidate.pod.ready && !candidate.pod.terminating) ?? found[0];
  if (pod !== undefined) return pod;
  const known = pods.map((candidate) => `${candidate.pod.namespace}/${candidate.pod.name}`).join(', ');
  throw new LocalError('unknown_pod', `no pod ${name}; there are: ${known || 'none'}`, { name });
}

function names({ namespace, owner }: PodReport): readonly string[] {
  const short = owner.slice(owner.indexOf('/') + 1);
  return [owner, short, `${namespace}/${short}`, `${namespace}/${owner}`];
}
