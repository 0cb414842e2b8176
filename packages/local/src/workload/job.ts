import { type Job, objectKey } from '../cluster/objects.ts';
import type { PodAction, PodSummary } from './pod-summary.ts';
import { podFromTemplate, templateHash } from './template.ts';

export type JobState =
  | { readonly state: 'active' }
  | { readonly state: 'complete' }
  | { readonly state: 'failed'; readonly failures: number };

/** How far a Job is, judged by the pods it made. Finished pods stay, so that they can be looked at. */
export function jobState({ spec }: Job, pods: readonly PodSummary[]): JobState {
  const succeeded = pods.filter(({ phase }) => phase === 'Succeeded').length;
  const failures = pods.filter(({ phase }) => phase === 'Failed').length;
  if (succeeded >= completionsOf(spec)) return { state: 'complete' };
  if (failures > (spec.backoffLimit ?? 6)) return { state: 'failed', failures };
  return { state: 'active' };
}

export function planJob(job: Job, pods: readonly PodSummary[], suffix: () => string): readonly PodAction[] {
  const active = pods.filter(
    ({ phase, terminating }) => !terminating && (phase === 'Pending' || phase === 'Running'),
  );
  if (jobState(job, pods).state !== 'active') return active.map(({ name }) => ({ do: 'stop', name }));
  const succeeded = pods.filter(({ phase }) => phase === 'Succeeded').length;
  const missing = Math.min(job.spec.parallelism ?? 1, completionsOf(job.spec) - succeeded) - active.length;
  const { name } = job.metadata;
  return Array.from({ length: Math.max(0, missing) }, () => ({
    do: 'start',
    owner: objectKey(job),
    templateHash: templateHash(job.spec.template),
    pod: podFromTemplate(job.spec.template, {
      name: `${name}-${suffix()}`,
      owner: job,
      labels: { 'batch.kubernetes.io/job-name': name, 'job-name': name },
    }),
  }));
}

function completionsOf({ completions, parallelism }: Job['spec']): number {
  return completions ?? parallelism ?? 1;
}
