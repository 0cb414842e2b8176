import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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
  }
}

function hasFailed({ numFailingTests, testExecError }) {
  return numFailingTests > 0 || testExecError !== undefined;
}
