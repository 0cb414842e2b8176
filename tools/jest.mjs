/** The tests of the package it is called in: `node ../../tools/jest.mjs [--minutes=N] [ARGUMENTS OF JEST]`. */
import { runJest } from './run-jest.mjs';

const [first, ...rest] = process.argv.slice(2);
const minutes = /^--minutes=(\d+)$/.exec(first ?? '')?.[1];
process.exit(
  minutes === undefined
    ? runJest(process.cwd(), process.argv.slice(2))
    : runJest(process.cwd(), rest, { minutes: Number(minutes) }),
);
