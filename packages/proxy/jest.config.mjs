import preset from '../../tools/jest-preset.mjs';

// What needs a stock proxy beside ours has a configuration of its own.
export default { ...preset, testPathIgnorePatterns: ['/test/interop/'] };
