import { readFileSync } from 'node:fs';

export type ReadText = (path: string) => string;

/**
 * How many cores this process may use: those it may be scheduled on, and of them no more than its container's
 * limit of CPU time is worth, rounded up. Node's own number rounds down and takes requests for limits.
 */
export function availableCores(read: ReadText = (path) => readFileSync(path, 'utf8')): number {
  const scheduled = countCores(attempt(read, '/proc/self/status') ?? '');
  const quota =
    quotaOf(attempt(read, '/sys/fs/cgroup/cpu.max') ?? '') ??
    quotaOf(
      `${attempt(read, '/sys/fs/cgroup/cpu/cpu.cfs_quota_us') ?? ''} ${attempt(read, '/sys/fs/cgroup/cpu/cpu.cfs_period_us') ?? ''}`,
    );
  return Math.max(1, Math.min(scheduled, Math.ceil(quota ?? scheduled)));
}

/** `Cpus_allowed_list:	0-2,8` */
function countCores(status: string): number {
  const [, list = '0'] = /^Cpus_allowed_list:\s*(\S+)/m.exec(status) ?? [];
  return list.split(',').reduce((sum, range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return sum + to - from + 1;
  }, 0);
}

/** `200000 100000`: microseconds of CPU in each period; null where there is no limit (`max`, or -1). */
function quotaOf(text: string): number | null {
  const [quota = Number.NaN, period = Number.NaN] = text.trim().split(/\s+/).map(Number);
  return quota > 0 && period > 0 ? quota / period : null;
}

function attempt(read: ReadText, path: string): string | null {
  try {
    return read(path);
  } catch {
    return null;
  }
}
