import { describe, expect, it } from '@jest/globals';
import { planCronJob, type ScheduledJob } from './cron-job.ts';
import { aCronJob, aJob } from './workload.builder.ts';

const at = (time: string) => Date.parse(`2026-03-01T${time}Z`);

const scheduled = (name: string, state: ScheduledJob['state']): ScheduledJob => {
  const job = aJob();
  return { job: { ...job, metadata: { ...job.metadata, name } }, state };
};

describe('a CronJob', () => {
  it('starts a job when its minute has come, named by that minute', () => {
    const { start } = planCronJob(aCronJob(), [], at('10:04:59.900'), at('10:05:00.100'));
    expect(start?.metadata).toMatchObject({
      name: `nightly-${at('10:05:00') / 60_000}`,
      namespace: 'shop',
      ownerReferences: [{ kind: 'CronJob', name: 'nightly' }],
    });
  });

  it('starts nothing between its times', () => {
    expect(planCronJob(aCronJob(), [], at('10:05:00.100'), at('10:09:59')).start).toBeUndefined();
  });

  it('makes up once for times it slept through', () => {
    const { start } = planCronJob(aCronJob(), [], at('10:01:00'), at('10:31:00'));
    expect(start?.metadata.name).toBe(`nightly-${at('10:30:00') / 60_000}`);
  });

  it('starts nothing while it is suspended', () => {
    expect(
      planCronJob(aCronJob({ suspend: true }), [], at('10:04:59'), at('10:05:00')).start,
    ).toBeUndefined();
  });

  it('forbids or replaces a run that is still active, as its policy says', () => {
    const active = [scheduled('nightly-1', 'active')];
    const plan = (concurrencyPolicy: 'Forbid' | 'Replace') =>
      planCronJob(aCronJob({ concurrencyPolicy }), active, at('10:04:59'), at('10:05:00'));
    expect(plan('Forbid')).toEqual({ start: undefined, remove: [] });
    expect(plan('Replace')).toMatchObject({ start: { kind: 'Job' }, remove: ['nightly-1'] });
  });

  it('forgets old runs beyond its history', () => {
    const jobs = [1, 2, 3, 4, 5].map((n) => scheduled(`nightly-${n}`, 'complete'));
    expect(planCronJob(aCronJob(), jobs, at('10:05:01'), at('10:05:02')).remove).toEqual([
      'nightly-1',
      'nightly-2',
    ]);
  });

  it('names a schedule that is none', () => {
    expect(() => planCronJob(aCronJob({ schedule: 'at noon' }), [], at('10:00:00'), at('10:01:00'))).toThrow(
      /shop\/nightly: spec.schedule "at noon"/,
    );
  });
});
