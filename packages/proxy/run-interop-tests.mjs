/**
 * Runs the tests of this proxy beside a stock one: `npm run test:interop [-- PATTERN]`. LINKERD2_PROXY_BIN names
 * the program of the stock one (a release build of linkerd2-proxy); without it there is nothing to test with.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runJest } from '../../tools/run-jest.mjs';

const { LINKERD2_PROXY_BIN: named, INIT_CWD } = process.env;

// What an earlier run counted is not of this one.
rmSync(join(import.meta.dirname, '.results', 'totals-interop.json'), { force: true });

if (!named) {
  console.log(
    'interoperation with Linkerd is NOT tested: LINKERD2_PROXY_BIN names no stock linkerd2-proxy program',
  );
  process.exit(0);
}

function refuse(reason) {
  console.error(`interoperation with Linkerd cannot be tested: ${reason}`);
  process.exit(1);
}

if (process.getuid?.() !== 0) refuse('network namespaces need root');
const program = resolve(INIT_CWD ?? process.cwd(), named);
// As the user of the proxies in the pods.
const runnable = spawnSync('setpriv', [
  '--reuid',
  '2102',
  '--regid',
  '2102',
  '--clear-groups',
  'test',
  '-x',
  program,
]);
if (runnable.status !== 0) refuse(`LINKERD2_PROXY_BIN=${named} is not a program that uid 2102 may run`);

process.exit(
  runJest(import.meta.dirname, ['--config', 'jest.interop.config.mjs', ...process.argv.slice(2)], {
    env: { ...process.env, LINKERD2_PROXY_BIN: program },
  }),
);
