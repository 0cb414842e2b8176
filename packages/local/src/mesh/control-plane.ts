import type { Cluster } from '../cluster/cluster.ts';
import type { KubernetesObject, Pod } from '../cluster/objects.ts';
import type { MintToken } from '../pod/volume.ts';
import type { EventLog } from './event-log.ts';

/** What a control plane adds to a cluster. */
export interface ControlPlane {
  /** Its own workloads, services, secrets. */
  readonly objects: readonly KubernetesObject[];
  readonly mintToken: MintToken;
  /** The pod as admission leaves it, with or without a proxy. */
  admit(pod: Pod, owner: { kind: string; name: string } | undefined, cluster: Cluster, events: EventLog): Pod;
  /** Whether pods of a namespace may start: those of the control plane come first. */
  mayStart(namespace: string, cluster: Cluster): boolean;
  /** Admission for Services: marks their opaque ports. */
  annotateServices(cluster: Cluster): void;
}
