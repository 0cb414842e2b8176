import type { CronJob, Job, PodTemplate, ReplicatedWorkload } from '../cluster/objects.ts';
import type { PodSummary } from './pod-summary.ts';
import { templateHash } from './template.ts';

export function aTemplate(image = 'web:1'): PodTemplate {
  return {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image, command: ['web'] }] },
  };
}

export function aWorkload(
  kind: 'Deployment' | 'StatefulSet',
  spec: Partial<ReplicatedWorkload['spec']> = {},
): ReplicatedWorkload {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'shop' },
    spec: { replicas: 1, template: aTemplate(), ...spec },
  };
}

export function aJob(spec: Partial<Job['spec']> = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'count', namespace: 'shop' },
    spec: { template: aTemplate(), ...spec },
  };
}

export function aCronJob(spec: Partial<CronJob['spec']> = {}): CronJob {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', namespace: 'shop' },
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: aTemplate() } }, ...spec },
  };
}

export function aPod(name: string, pod: Partial<PodSummary> = {}): PodSummary {
  return {
    name,
    owner: 'Deployment/shop/web',
    templateHash: templateHash(aTemplate()),
    phase: 'Running',
    ready: true,
    terminating: false,
    ...pod,
  };
}
