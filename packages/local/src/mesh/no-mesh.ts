import { LocalError } from '../errors.ts';
import type { ControlPlane } from './control-plane.ts';

/** The cluster without a mesh: pods run as their manifests say. */
export const noMesh: ControlPlane = {
  objects: [],
  mintToken: () => Promise.reject(new LocalError('bad_workload', 'without a mesh there are no tokens')),
  admit: (pod) => pod,
  mayStart: () => true,
  annotateServices: () => undefined,
};
