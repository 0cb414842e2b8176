import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MachinePaths } from '../pod/container-launch.ts';

/** The mesh's own folder; `/run` is in its memory. */
const HOME = '/run/weft';

/** Where the state of a mesh is described, seen from inside. */
export const STATE_FILE = `${HOME}/mesh.json`;

/** The folder of the built project: above packages/local/dist/mesh. */
export function buildDirectory(): string {
  return dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));
}

export interface MeshPaths {
  readonly machine: MachinePaths;
  readonly stateDirectory: string;
  readonly podsDirectory: string;
}

export function meshPaths(app: string): MeshPaths {
  return {
    machine: { build: buildDirectory(), nodeDirectory: dirname(process.execPath), app },
    stateDirectory: `${HOME}/state`,
    podsDirectory: `${HOME}/pods`,
  };
}
