import type { OwnerReference } from '@weft/kubernetes';

/** What the webhook asks about the cluster. */
export interface ClusterFacts {
  /** A namespace's annotations. Rejects where there is no such namespace or nobody can tell. */
  namespaceAnnotations(name: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** The owners of a pod's owner; none where it is gone. Rejects where nobody can tell. */
  ownersOf(
    kind: 'ReplicaSet' | 'Job',
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<readonly OwnerReference[]>;
}
