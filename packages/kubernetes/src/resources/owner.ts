import type { Kind } from '../kinds.ts';
import type { OwnerReference } from './metadata.ts';
import type { Pod } from './pod.ts';

export interface Owner {
  /** Lower case: `deployment`, `statefulset`, `job`, …; `pod` for one nobody owns. */
  readonly kind: string;
  readonly name: string;
}

/** Finds the owners of a pod's owner, by kind, namespace and name. */
export type OwnerLookup = (
  kind: Extract<Kind, 'ReplicaSet' | 'Job'>,
  namespace: string,
  name: string,
) => { readonly metadata: { readonly ownerReferences: readonly OwnerReference[] } } | undefined;

const replicaSetOwners = new Set(['job', 'statefulset', 'daemonset', 'deployment']);

/**
 * Who a pod belongs to, in the way metrics name it: its single owner, one step further up for a Job (its
 * CronJob) and for a ReplicaSet of a kind Kubernetes itself knows.
 */
export function ownerOf({ metadata }: Pod, lookup: OwnerLookup): Owner {
  const [parent, ...others] = metadata.ownerReferences;
  if (parent === undefined || others.length > 0) return { kind: 'pod', name: metadata.name };
  const direct = { kind: parent.kind.toLowerCase(), name: parent.name };
  if (parent.kind !== 'Job' && parent.kind !== 'ReplicaSet') return direct;
  const owners = lookup(parent.kind, metadata.namespace, parent.name)?.metadata.ownerReferences ?? [];
  const [grandparent] = owners;
  if (grandparent === undefined || owners.length > 1) return direct;
  const kind = grandparent.kind.toLowerCase();
  if (parent.kind === 'ReplicaSet' && !replicaSetOwners.has(kind)) return direct;
  return { kind, name: grandparent.name };
}
