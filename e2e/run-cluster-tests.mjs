/**
 * Runs the tests that need a Kubernetes: `npm run test:cluster [-- PATTERN]`. WEFT_CLUSTER names the program of a
 * disposable cluster (see src/cluster/harness/cluster.ts); without it there is nothing to test on. Images are built
 * from this tree first; WEFT_CLUSTER_IMAGES=keep uses those that are there.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { findHelm } from '../deploy/charts/find-helm.mjs';
import { runJestTwice } from '../tools/run-jest.mjs';

const here = import.meta.dirname;
const root = dirname(here);
const program = process.env.WEFT_CLUSTER;

if (!program) {
  console.log('the cluster is NOT tested: WEFT_CLUSTER names no program that starts one');
  process.exit(0);
}

function mustRun(...args) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', cwd: here });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`);
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
process.exit(
  runJestTwice(here, {
    config: 'jest.cluster.config.mjs',
    totals: 'totals-cluster.json',
    minutes: 50,
    args: process.argv.slice(2),
  }),
);
