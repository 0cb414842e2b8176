import type { MachinePaths } from '../pod/container-launch.ts';

/** What a mesh is told when it starts; its folders are in the mesh's own memory. */
export interface MeshOptions {
  readonly meshId: string;
  /** The user's folder of manifests. */
  readonly directory: string;
  readonly machine: MachinePaths;
  /** Where the cluster's state is published for the control plane. */
  readonly stateDirectory: string;
  readonly podsDirectory: string;
  readonly clusterDomain: string;
  /** Lifetime of a proxy's certificate in seconds. */
  readonly leafLifetime: number;
  /** The version that injected pods are marked with. */
  readonly version: string;
}
