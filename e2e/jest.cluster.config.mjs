import preset from '../tools/jest-preset.mjs';

// One cluster for all: one file at a time, and patient.
export default {
  ...preset,
  testMatch: ['<rootDir>/src/cluster/**/*.spec.ts'],
  reporters: ['default', ['<rootDir>/../tools/totals-reporter.mjs', { file: 'totals-cluster.json' }]],
  maxWorkers: 1,
  testTimeout: 300_000,
  slowTestThreshold: 180,
};
