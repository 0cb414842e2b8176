/** Runs the tests of the charts, for which helm is needed: without it there is nothing to test. */
import { runJest } from '../../tools/run-jest.mjs';
import { findHelm } from './find-helm.mjs';

let helm;
try {
  helm = findHelm();
} catch (error) {
  const [reason] = String(error.stderr || error.message).split('\n');
  console.log(`charts are NOT tested: helm is not on PATH and cannot be built by Go (${reason})`);
  process.exit(0);
}
process.exit(runJest(import.meta.dirname, process.argv.slice(2), { env: { ...process.env, HELM: helm } }));
