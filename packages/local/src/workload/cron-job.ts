import { Cron } from 'croner';
import type { CronJob, Job } from '../cluster/objects.ts';
import { LocalError } from '../errors.ts';
import { ownerReference } from './template.ts';

/** A Job made by a CronJob, and how it stands. */
export interface ScheduledJob {
  readonly job: Job;
  readonly state: 'active' | 'complete' | 'failed';
}

export interface CronPlan {
  /** The job to start now. */
  readonly start: Job | undefined;
  /** Names of jobs to forget, with their pods. */
  readonly remove: readonly string[];
}

/**
 * What a CronJob does at `now`, having last looked at `since` (both milliseconds). Runs missed in between count once.
 * @throws LocalError `bad_workload` for a schedule that is none.
 */
export function planCronJob(
  cronJob: CronJob,
  jobs: readonly ScheduledJob[],
  since: number,
  now: number,
): CronPlan {
  const { suspend, concurrencyPolicy = 'Allow' } = cronJob.spec;
  const due = suspend ? undefined : lastDue(cronJob, since, now);
  const active = jobs.filter(({ state }) => state === 'active').map(({ job }) => job.metadata.name);
  const remove = [
    ...surplus(jobs, 'complete', cronJob.spec.successfulJobsHistoryLimit ?? 3),
    ...surplus(jobs, 'failed', cronJob.spec.failedJobsHistoryLimit ?? 1),
  ];
  if (due === undefined || (concurrencyPolicy === 'Forbid' && active.length > 0))
    return { start: undefined, remove };
  if (concurrencyPolicy === 'Replace') remove.push(...active);
  return { start: jobFor(cronJob, due), remove };
}

function lastDue({ metadata, spec }: CronJob, since: number, now: number): Date | undefined {
  try {
    const schedule = new Cron(spec.schedule, { paused: true, timezone: spec.timeZone ?? 'UTC' });
    const next = schedule.nextRun(new Date(since));
    if (next === null || next.getTime() > now) return undefined;
    // After a long pause only the run due last is made up for.
    return schedule.previousRuns(1, new Date(now + 1))[0] ?? next;
  } catch (cause) {
    const field = `CronJob ${metadata.namespace}/${metadata.name}: spec.schedule`;
    throw new LocalError(
      'bad_workload',
      `${field} "${spec.schedule}": ${(cause as Error).message}`,
      {},
      { cause },
    );
  }
}

function jobFor(cronJob: CronJob, due: Date): Job {
  const { name, namespace = 'default' } = cronJob.metadata;
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...metadata,
      name: `${name}-${Math.floor(due.getTime() / 60_000)}`,
      namespace,
      ownerReferences: [ownerReference(cronJob)],
    },
    spec,
  };
}

function surplus(
  jobs: readonly ScheduledJob[],
  state: ScheduledJob['state'],
  limit: number,
): readonly string[] {
  const names = jobs.filter((job) => job.state === state).map(({ job }) => job.metadata.name);
  return names.sort().slice(0, Math.max(0, names.length - limit));
}
