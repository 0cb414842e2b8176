import preset from '../tools/jest-preset.mjs';

// Meshes of real processes: one at a time, and patient.
export default {
  ...preset,
  testPathIgnorePatterns: ['/src/cluster/'],
  maxWorkers: 1,
  testTimeout: 240_000,
  slowTestThreshold: 120,
};
