/** Runs the tests of the charts, for which helm is needed: without it there is nothing to test. */
import { spawnSync } from 'node:child_process';
import { findHelm } from './find-helm.mjs';

let helm;
try {
  helm = findHelm();
} catch (error) {
  const [reason] = String(error.stderr || error.message).split('\n');
  console.log(`charts are NOT tested: helm is not on PATH and cannot be built by Go (${reason})`);
  process.exit(0);
}
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '../../node_modules/jest/bin/jest.js',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, HELM: helm } },
);
process.exit(status ?? 1);
