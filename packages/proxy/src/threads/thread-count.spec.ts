import { describe, expect, it } from '@jest/globals';
import { availableCores } from './available-cores.ts';
import { threadCount } from './thread-count.ts';

describe('the number of threads', () => {
  it.each([
    ['nothing is asked for', {}, 8, 1],
    ['so many are asked for', { min: 3 }, 8, 3],
    ['more are allowed', { max: 4 }, 8, 4],
    ['more are asked for than allowed', { min: 4, max: 2 }, 8, 4],
    ['there are fewer cores', { min: 4, max: 6 }, 2, 2],
    ['a share of the cores is allowed', { maxRatio: 0.5 }, 10, 5],
    ['the share is not whole', { maxRatio: 0.25 }, 10, 3],
    ['the share is less than one', { maxRatio: 0.01 }, 8, 1],
    ['a number is allowed besides the share', { max: 2, maxRatio: 1 }, 8, 2],
  ])('when %s', (_, asked, available, threads) => {
    const cores = { min: 1, max: undefined, maxRatio: undefined, ...asked };
    expect(threadCount(cores, available)).toBe(threads);
  });
});

describe('the cores that a process may use', () => {
  const system = (files: Record<string, string>) => (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  };
  const allowed = (list: string) => ({ '/proc/self/status': `Name:\tnode\nCpus_allowed_list:\t${list}\n` });

  it.each([
    ['those it may be scheduled on', allowed('0-2,8'), 4],
    ['without a limit', { ...allowed('0-3'), '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, 4],
    ['within its limit', { ...allowed('0-3'), '/sys/fs/cgroup/cpu.max': '200000 100000\n' }, 2],
    [
      'within a limit that is not whole',
      { ...allowed('0-3'), '/sys/fs/cgroup/cpu.max': '150000 100000\n' },
      2,
    ],
    ['within a small limit', { ...allowed('0-3'), '/sys/fs/cgroup/cpu.max': '10000 100000\n' }, 1],
    [
      'within a limit of the older kind',
      {
        ...allowed('0-3'),
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '300000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      3,
    ],
    [
      'without a limit of the older kind',
      {
        ...allowed('0'),
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      1,
    ],
    ['on a system that does not tell', {}, 1],
  ])('are %s', (_, files, cores) => {
    expect(availableCores(system(files as Record<string, string>))).toBe(cores);
  });
});
