import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';

/** `jest/bin/jest.js`, which its package's `exports` lack. */
const program = join(createRequire(import.meta.url).resolve('jest/package.json'), '../bin/jest.js');

/**
 * Runs jest in `folder`, with its output here; returns its exit status. A test that keeps its process busy for ever
 * cannot be ended from within: after `minutes` all are killed, and have failed.
 */
export function runJest(folder, args, { env = process.env, minutes = 15 } = {}) {
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const { status, error } = spawnSync(process.execPath, [...node, program, ...args], {
    stdio: 'inherit',
    cwd: folder,
    env,
    timeout: minutes * 60_000,
    killSignal: 'SIGKILL',
  });
  if (error?.code === 'ETIMEDOUT')
    console.error(`the tests of ${folder} were killed: they had not ended after ${minutes} minutes`);
  else if (error) throw error;
  return status ?? 1;
}

/**
 * Runs jest, and once more the files that have failed, when all are through: both runs are printed. For tests on real
 * machines: those may stall for once, a defect does not go away. `totals` names what the totals reporter of this
 * configuration leaves in `.results`; the totals of both runs are left there together. Either may take `minutes`.
 */
export function runJestTwice(folder, { config, totals, args, minutes }) {
  const file = join(folder, '.results', totals);
  function run(more) {
    rmSync(file, { force: true });
    const status = runJest(folder, ['--config', config, ...more], { minutes });
    // Without totals it has not come to any test.
    return { status, totals: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined };
  }
  const first = run(args);
  const failed = first.totals?.failedFiles ?? [];
  if (failed.length === 0) return first.status;

  const paths = failed.map(({ path }) => path);
  console.log(`failed, and run once more: ${paths.map((path) => relative(folder, path)).join(', ')}`);
  const second = run(['--runTestsByPath', ...paths]);
  if (second.totals === undefined) return second.status;
  const elsewhere = failed.reduce((sum, { passed }) => sum - passed, first.totals.passed);
  const passed = elsewhere + second.totals.passed;
  writeFileSync(file, JSON.stringify({ ...second.totals, passed }));
  return second.status;
}
