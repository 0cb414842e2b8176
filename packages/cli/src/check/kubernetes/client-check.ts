import type { Cluster } from '../../cluster/cluster.ts';
import { type Category, failed, passed } from '../engine/check.ts';

/** The first check of all: whether there is a way to a cluster. Nothing can be asked without. */
export function canInitialize(cluster: Cluster | Error): Category {
  return {
    name: 'kubernetes-api',
    checks: [
      {
        description: 'can initialize the client',
        anchor: 'k8s-api',
        severity: 'fatal',
        run: () => (cluster instanceof Error ? failed(cluster.message) : passed),
      },
    ],
  };
}
