/** Runs the tests on a local mesh: `pnpm --filter @weft/e2e run test:e2e [PATTERN]`. */
import { runJestTwice } from '../tools/run-jest.mjs';

process.exit(
  runJestTwice(import.meta.dirname, {
    config: 'jest.config.mjs',
    totals: 'totals.json',
    minutes: 20,
    args: process.argv.slice(2),
  }),
);
