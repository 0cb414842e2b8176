/**
 * Runs the tests that need a Kubernetes: `npm run test:cluster [-- PATTERN]`. WEFT_CLUSTER names the program of a
 * disposable cluster (see src/cluster/harness/cluster.ts); without it there is nothing to test on. Images are built
 * from this tree first; WEFT_CLUSTER_IMAGES=keep uses those that are there. A file that fails is run once more when all
 * are through, and both runs are printed: a node may stall for once, a defect does not go away.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findHelm } from '../deploy/charts/find-helm.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const program = process.env.WEFT_CLUSTER;

if (!program) {
  console.log('the cluster is NOT tested: WEFT_CLUSTER names no program that starts one');
  process.exit(0);
}

function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd: here, env });
  if (error) throw error;
  return status ?? 1;
}

function mustRun(...args) {
  if (run(program, args) !== 0) throw new Error(`${program} ${args.join(' ')} failed`);
}

// `weft install` calls helm by its name.
const helm = findHelm();
if (helm !== 'helm') process.env.PATH = `${dirname(helm)}${delimiter}${process.env.PATH}`;
mustRun('up');
if (process.env.WEFT_CLUSTER_IMAGES !== 'keep') {
  for (const name of ['proxy', 'controller', 'debug']) {
    mustRun('build', root, `weft/${name}:0.1.0`, '-f', join(root, 'deploy/images', name, 'Dockerfile'));
  }
  const shop = join(root, 'deploy/examples/shop');
  mustRun('build', shop, 'shop:0.1.0', '-f', join(shop, 'Dockerfile'));
}
const totalsFile = join(here, '.results', 'totals-cluster.json');

function test(args) {
  rmSync(totalsFile, { force: true });
  const status = run(process.execPath, [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '../node_modules/jest/bin/jest.js',
    '--config',
    'jest.cluster.config.mjs',
    ...args,
  ]);
  // Without totals it has not come to any test.
  if (!existsSync(totalsFile)) process.exit(status);
  return { status, totals: JSON.parse(readFileSync(totalsFile, 'utf8')) };
}

const first = test(process.argv.slice(2));
const { failedFiles } = first.totals;
if (failedFiles.length === 0) process.exit(first.status);

const paths = failedFiles.map(({ path }) => path);
console.log(`failed, and run once more: ${paths.map((path) => relative(here, path)).join(', ')}`);
const second = test(['--runTestsByPath', ...paths]);
const elsewhere = failedFiles.reduce((sum, { passed }) => sum - passed, first.totals.passed);
writeFileSync(totalsFile, JSON.stringify({ ...second.totals, passed: elsewhere + second.totals.passed }));
process.exit(second.status);
