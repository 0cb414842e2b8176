import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const EXIT_GRACE_MS = 10_000;

/** Leaves each package's true totals in `.results/totals*.json`, where `npm test` adds them up. */
export default class TotalsReporter {
  constructor(globalConfig, { file = 'totals.json' } = {}) {
    this.rootDir = globalConfig.rootDir;
    this.file = file;
  }

  onRunComplete(_contexts, results) {
    const directory = join(this.rootDir, '.results');
    mkdirSync(directory, { recursive: true });
    const totals = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests,
      failedFiles: results.testResults.filter(hasFailed).map(({ testFilePath, numPassingTests }) => ({
        path: testFilePath,
        passed: numPassingTests,
      })),
    };
    writeFileSync(join(directory, this.file), `${JSON.stringify(totals)}\n`);
    setTimeout(giveUp, EXIT_GRACE_MS).unref();
  }
}

/** Something that a test started is still under way, and would be for ever. */
function giveUp() {
  console.error(
    `the tests have ended, but jest had not ${EXIT_GRACE_MS / 1000} s later: something still runs`,
  );
  process.exit(1);
}

function hasFailed({ numFailingTests, testExecError }) {
  return numFailingTests > 0 || testExecError !== undefined;
}
