import type { Kind } from '../../kinds.ts';

const template = { spec: {} };

/**
 * What stands for the parts of an object of which only metadata is fetched. Whoever reads such a kind from an
 * API server reads its metadata.
 */
export const blankSpecs: Partial<Record<Kind, object>> = {
  Deployment: { spec: { template } },
  ReplicaSet: { spec: {} },
  StatefulSet: { spec: { template } },
  DaemonSet: { spec: { template } },
  Job: { spec: { template } },
  CronJob: { spec: { schedule: '', jobTemplate: { spec: { template } } } },
};
