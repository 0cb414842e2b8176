import preset from '../../tools/jest-preset.mjs';

// Pairs of real proxies in network namespaces: one file at a time, and patient.
export default {
  ...preset,
  testMatch: ['<rootDir>/test/interop/**/*.spec.ts'],
  reporters: ['default', ['<rootDir>/../../tools/totals-reporter.mjs', { file: 'totals-interop.json' }]],
  maxWorkers: 1,
  testTimeout: 60_000,
};
