import preset from '../tools/jest-preset.mjs';

export default { ...preset, testMatch: [...preset.testMatch, '<rootDir>/control-plane/**/*.spec.ts'] };
