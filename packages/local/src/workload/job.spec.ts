import { describe, expect, it } from '@jest/globals';
import { jobState, planJob } from './job.ts';
import { aJob, aPod } from './workload.builder.ts';

const done = { phase: 'Succeeded', ready: false } as const;
const failed = { phase: 'Failed', ready: false } as const;

describe('a Job', () => {
  it('starts one pod, and none while it runs', () => {
    expect(planJob(aJob(), [], () => 'x')).toMatchObject([
      { do: 'start', pod: { metadata: { name: 'count-x' } } },
    ]);
    expect(planJob(aJob(), [aPod('count-x')], () => 'y')).toEqual([]);
  });

  it('is complete when a pod has succeeded, and keeps that pod', () => {
    const pods = [aPod('count-x', done)];
    expect(jobState(aJob(), pods)).toEqual({ state: 'complete' });
    expect(planJob(aJob(), pods, () => 'y')).toEqual([]);
  });

  it('tries again after a failure, until its limit', () => {
    const job = aJob({ backoffLimit: 1 });
    expect(planJob(job, [aPod('a', failed)], () => 'y')).toMatchObject([{ do: 'start' }]);
    const twice = [aPod('a', failed), aPod('b', failed)];
    expect(jobState(job, twice)).toEqual({ state: 'failed', failures: 2 });
    expect(planJob(job, twice, () => 'y')).toEqual([]);
  });

  it('runs as many pods side by side as it may, and no more than are left to complete', () => {
    const job = aJob({ completions: 5, parallelism: 3 });
    expect(planJob(job, [], () => 'x')).toHaveLength(3);
    const nearlyDone = ['a', 'b', 'c', 'd'].map((name) => aPod(name, done));
    expect(planJob(job, nearlyDone, () => 'x')).toHaveLength(1);
  });
});
