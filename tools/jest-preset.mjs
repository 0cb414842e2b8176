import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The one jest configuration: TypeScript through swc, native ES modules, totals left in `.results`. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true },
          target: 'es2024',
        },
        module: { type: 'es6' },
      },
    ],
  },
  reporters: ['default', `${root}/tools/totals-reporter.mjs`],
  injectGlobals: false,
  passWithNoTests: true,
  // Real processes start slowly on a busy machine; nothing is measured by this.
  testTimeout: 30_000,
};
